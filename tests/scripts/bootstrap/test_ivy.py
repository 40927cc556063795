"""Jars and Trino are downloaded, resumed, and compared with their hashes."""

import hashlib
from pathlib import Path

import pytest

from scripts.bootstrap import ivy
from scripts.bootstrap.layout import ROOT, SetupError
from tests.scripts.bootstrap.conftest import Program

REPORTED: list[tuple[int, int]] = []


def report(done: int, total: int) -> None:
    REPORTED.append((done, total))


def line(name: str, content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout whose lock wants a.jar and b.jar, and a Spark that ships Ivy."""
    names = {"CACHE": "cache", "LOGS": "cache/logs", "IVY": "ivy", "JARS": "cache/jars", "GLUE_VENV": "glue"}
    for name, folder in names.items():
        monkeypatch.setattr(ivy, name, tmp_path / folder)
    (tmp_path / "ivy").mkdir()
    (tmp_path / "ivy" / "jars.xml").write_text("<ivy-module/>")
    (tmp_path / "ivy" / "jars.sha256").write_text(line("a.jar", b"a") + line("b.jar", b"b"))
    shipped = tmp_path / "glue/lib/python3.13/site-packages/pyspark/jars"
    shipped.mkdir(parents=True)
    for jar in ("ivy-2.5.3.jar", "commons-cli-1.9.0.jar"):
        (shipped / jar).touch()
    return tmp_path


@pytest.fixture
def java(program: Program, monkeypatch: pytest.MonkeyPatch, checkout: Path) -> Program:
    """Installs a java that stands for Ivy; `$pattern` is where a file of it would go."""

    def install(_name: str, script: str) -> Path:
        monkeypatch.setenv("JAVA_HOME", str(checkout))
        (checkout / "bin").mkdir(exist_ok=True)
        parse = 'while [ "$1" != -retrieve ]; do shift; done; folder=$(dirname "$2")'
        written = program("java", f'echo "$@" >> {checkout}/asked\n{parse}\n{script}')
        (checkout / "bin" / "java").unlink(missing_ok=True)
        (checkout / "bin" / "java").symlink_to(written)
        return written

    return install


BOTH = "printf a > $folder/a.jar; printf b > $folder/b.jar"


def test_jars_are_brought_and_current_afterwards(java: Program, checkout: Path) -> None:
    java("java", BOTH)
    step = ivy.steps("spark", "airflow")[-1]
    assert not step.is_current()
    step.bring(report)
    assert sorted(path.name for path in (checkout / "cache/jars").iterdir()) == ["a.jar", "b.jar"]
    assert step.is_current()
    assert step.needs == ("spark",)
    words = (checkout / "asked").read_text()
    assert "ivy-2.5.3.jar:" in words
    assert f"-cache {checkout}/cache/ivy/jars" in words
    assert words.rstrip().endswith("-types jar bundle")


def test_a_changed_lock_brings_them_anew_without_a_rest(java: Program, checkout: Path) -> None:
    java("java", BOTH)
    step = ivy.steps("spark", "airflow")[-1]
    step.bring(report)
    (checkout / "ivy" / "jars.sha256").write_text(line("b.jar", b"b"))
    assert not step.is_current()
    java("java", "printf b > $folder/b.jar")
    step.bring(report)
    assert [path.name for path in (checkout / "cache/jars").iterdir()] == ["b.jar"]


def test_a_download_that_breaks_off_goes_on(java: Program, checkout: Path) -> None:
    java("java", f"if [ $(wc -l < {checkout}/asked) -lt 3 ]; then exit 1; fi; {BOTH}")
    ivy.retrieve("jars", checkout / "target", "jar", 1, report)
    assert len((checkout / "asked").read_text().splitlines()) == 3


def test_three_failures_are_enough_and_quoted(java: Program, checkout: Path) -> None:
    java("java", "echo 'UnknownHostException: repo'; exit 1")
    with pytest.raises(SetupError, match=r"failed 3 times; check the connection") as caught:
        ivy.retrieve("jars", checkout / "target", "jar", 1, report)
    assert "    UnknownHostException: repo" in str(caught.value)
    assert len((checkout / "asked").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"a.jar": b"a"}, "b.jar"),
        ({"a.jar": b"a", "b.jar": b"b", "c.jar": b"c"}, "c.jar"),
        ({"a.jar": b"tampered", "b.jar": b"b"}, "a.jar"),
    ],
    ids=["missing", "extra", "different"],
)
def test_what_is_not_in_the_lock_is_refused(checkout: Path, files: dict[str, bytes], wrong: str) -> None:
    target = checkout / "target"
    target.mkdir()
    for name, content in files.items():
        (target / name).write_bytes(content)
    with pytest.raises(SetupError, match=rf"^{wrong} in .* is not what locks/ivy/jars\.sha256 says"):
        ivy.verify("jars", target)


def test_wrong_jars_do_not_take_the_place_of_good_ones(java: Program, checkout: Path) -> None:
    java("java", BOTH)
    step = ivy.steps("spark", "airflow")[-1]
    step.bring(report)
    java("java", "printf evil > $folder/a.jar; printf b > $folder/b.jar")
    with pytest.raises(SetupError):
        step.bring(report)
    assert (checkout / "cache/jars/a.jar").read_bytes() == b"a"


def test_a_spark_without_ivy_names_the_remedy(java: Program, checkout: Path) -> None:
    java("java", BOTH)
    for jar in (checkout / "glue").rglob("ivy-*.jar"):
        jar.unlink()
    with pytest.raises(SetupError, match=r"has no Ivy: delete .*glue and run make setup again"):
        ivy.retrieve("jars", checkout / "target", "jar", 1, report)


def test_the_committed_locks_can_be_read() -> None:
    for name in ("jars", "trino"):
        rows = (ROOT / "locks" / "ivy" / f"{name}.sha256").read_text().splitlines()
        assert rows
        for row in rows:
            digest, file = row.split()
            assert len(bytes.fromhex(digest)) == 32
            assert file.endswith((".jar", ".tar.gz"))
