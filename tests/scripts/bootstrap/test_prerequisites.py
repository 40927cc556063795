"""What setup cannot bring is checked first and named with its install command."""

from pathlib import Path

import pytest

from scripts.bootstrap import prerequisites
from scripts.bootstrap.layout import SetupError
from tests.scripts.bootstrap.conftest import Program


@pytest.fixture(autouse=True)
def _an_empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def java(program: Program, says: str) -> None:
    program("java", f"echo '{says}' >&2")


def problems() -> str:
    with pytest.raises(SetupError) as caught:
        prerequisites.check()
    return str(caught.value)


@pytest.mark.parametrize(
    "says",
    [
        'openjdk version "17.0.12" 2024-07-16',
        'java version "17" 2021-09-14 LTS',
        'openjdk version "21.0.4" 2024-07-16 LTS',
    ],
)
def test_nothing_is_missing(program: Program, says: str) -> None:
    java(program, says)
    program("make", "")
    prerequisites.check()


def test_everything_that_is_missing_is_named_at_once_with_its_command() -> None:
    message = problems()
    assert "Java is missing: install Java 17" in message
    assert "apt-get install openjdk-17-jre-headless" in message
    assert "brew install openjdk@17" in message
    assert "make is missing: install make" in message
    assert "xcode-select --install" in message


@pytest.mark.parametrize(
    ("says", "named"),
    [
        ('openjdk version "11.0.2" 2019-01-15', "Java 11 is on the path"),
        ('java version "1.8.0_402"', "Java 8 is on the path"),
        ('openjdk version "25" 2025-09-16', "Java 25 is on the path"),
        ("no number at all", "Java (version unknown) is on the path"),
    ],
)
def test_another_java_is_named(program: Program, says: str, named: str) -> None:
    java(program, says)
    program("make", "")
    message = problems()
    assert f"{named}, Spark needs Java 17: install Java 17" in message
    assert "make is missing" not in message


def test_a_java_that_cannot_run_is_missing(program: Program) -> None:
    """macOS ships a java that only says where to get one."""
    program("java", "echo 'No Java runtime present, requesting install.' >&2; exit 1")
    assert "Java is missing" in problems()


def test_java_home_comes_before_the_path(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java(program, 'openjdk version "17.0.12"')
    program("make", "")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nothing"))
    assert "JAVA_HOME has no working bin/java" in problems()
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").symlink_to(tmp_path / "programs" / "java")
    monkeypatch.setenv("JAVA_HOME", str(home))
    prerequisites.check()
