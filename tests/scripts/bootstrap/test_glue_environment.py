"""The packed environment of Glue: the same lock, the same bytes."""

import sys
import tarfile
from pathlib import Path

import pytest

from scripts.bootstrap import glue_environment
from scripts.bootstrap import uv as uv_module
from scripts.bootstrap.layout import SetupError
from tests.scripts.bootstrap.conftest import Program

SITE = "lib/python3.13/site-packages"


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(glue_environment, "GLUE_ENVIRONMENTS", tmp_path / "packed")
    monkeypatch.setattr(glue_environment, "LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(glue_environment, "python_of", lambda _venv: Path(sys.executable))
    monkeypatch.setattr(uv_module, "LOGS", tmp_path / "logs")
    (tmp_path / "lock.txt").write_text("boto3==1.42.84\n")
    return tmp_path


@pytest.fixture
def uv(program: Program, checkout: Path) -> Path:
    """Installs two small packages into --target, one with tests of its own."""
    return program(
        "uv",
        f"""
echo "$@" >> {checkout}/asked
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/boto3" "$2/bin" "$2/pandas/tests" "$2/numpy/linalg/tests"
echo 'answer = 42' > "$2/boto3/__init__.py"
touch "$2/bin/script" "$2/.lock" "$2/pandas/tests/test_a.py" "$2/numpy/linalg/tests/test_b.py"
echo 'a = 1' > "$2/pandas/__init__.py"
""",
    )


def test_it_holds_what_the_lock_says_compiled_and_nothing_needless(uv: Path, checkout: Path) -> None:
    packed = glue_environment.pack(uv)
    with tarfile.open(packed) as archive:
        names = archive.getnames()
        link = archive.getmember("bin/python")
        config = archive.extractfile("pyvenv.cfg")
        assert config is not None
        assert b"version = 3.13" in config.read()
    assert (link.linkname, link.issym()) == ("/usr/bin/python3.13", True)
    assert f"{SITE}/boto3/__init__.py" in names
    assert [name for name in names if name.startswith(f"{SITE}/boto3/__pycache__/__init__.")]
    assert not [name for name in names if "/tests" in name or "/bin/" in name.removeprefix("bin/")]
    assert "--require-hashes" in (checkout / "asked").read_text()


def test_the_same_lock_gives_the_same_bytes(uv: Path) -> None:
    first = glue_environment.pack(uv).read_bytes()
    assert glue_environment.pack(uv).read_bytes() == first


def test_another_lock_takes_the_place_of_the_old_environment(uv: Path, checkout: Path) -> None:
    (step,) = glue_environment.steps(uv, "spark")
    assert not step.is_current()
    old = glue_environment.pack(uv)
    assert step.is_current()
    (checkout / "lock.txt").write_text("boto3==1.42.85\n")
    assert not step.is_current()
    new = glue_environment.pack(uv)
    assert new != old
    assert [path.name for path in (checkout / "packed").iterdir()] == [new.name]


def test_wheels_of_glues_platform_are_another_environment(uv: Path, checkout: Path) -> None:
    glue_environment.pack(uv)
    assert "--python-platform" not in (checkout / "asked").read_text()
    assert glue_environment.packed(glue_environment.GLUE_PLATFORM) != glue_environment.packed()
    glue_environment.pack(uv, glue_environment.GLUE_PLATFORM)
    assert "--python-platform x86_64-manylinux_2_28" in (checkout / "asked").read_text()


def test_no_path_of_this_machine_is_in_it(uv: Path, checkout: Path) -> None:
    packed = glue_environment.pack(uv)
    with tarfile.open(packed) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            assert file is None or str(checkout).encode() not in file.read(), member.name
            assert (member.mtime, member.uid, member.gid) == (0, 0, 0)


def test_what_cannot_be_compiled_is_told(uv: Path, monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    broken = program("python", "echo 'no compileall' >&2; exit 1")
    monkeypatch.setattr(glue_environment, "python_of", lambda _venv: broken)
    with pytest.raises(SetupError, match=r"cannot be byte-compiled .*no compileall"):
        glue_environment.pack(uv)
