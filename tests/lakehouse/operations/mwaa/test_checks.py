"""Each trap of MWAA, made on purpose in a build that is otherwise sound."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.mwaa.checks import check_files, check_parsing, load
from lakehouse.operations.mwaa.parse import ParseReport
from lakehouse.operations.mwaa.requirements import read_pins
from tests.lakehouse.operations.mwaa import sound
from tests.lakehouse.operations.mwaa.sound import PINS, WHEEL, change_plugins

GOOD = ParseReport(
    dags=["shop"],
    import_errors={},
    seconds={"shop.py": 1.0},
    memory_mb=160,
    memory_of_airflow_mb=125,
    heavy=[],
    calls=[],
    engine="",
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return sound.make(tmp_path / "build")


def problems(build: Path) -> dict[str, tuple[str, ...]]:
    return {check.what: check.problems for check in check_files(build, PINS) if check.problems}


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(build: Path) -> None:
        path = build / name
        path.write_text(path.read_text() + text)

    return change


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(build: Path) -> None:
        text = (build / name).read_text()
        assert old in text
        (build / name).write_text(text.replace(old, new))

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda build: (build / name).unlink()


def add(name: str, content: str = "", without: str | None = None) -> Callable[[Path], None]:
    return lambda build: change_plugins(build, {name: content.encode()}, without)


ROOT = "plugins.zip is rooted inside the folder of plugins"
WHEELS = "the wheels install on MWAA"
SCRIPT = "the startup script is one"
CONSTRAINTS = "requirements.txt names the constraints"
PACKAGES = "requirements.txt can be installed"
CONFLICTS = "the constraints allow every version asked for"
IMPORTS = "nothing heavy is imported at a module's top"
LINE = "--constraint"

TRAPS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "zip of the folder": (
        add("plugins/orchestration/__init__.py", "", "orch"),
        ROOT,
        "holds the folder plugins/",
    ),
    "zip without code": (add("other.py", "", "orch"), ROOT, "has no orchestration/__init__.py"),
    "zip without SQL": (add("other.py", "", "include"), ROOT, "has no include/sql"),
    "byte code": (add("orchestration/__pycache__/gate.pyc"), ROOT, "only code and SQL are shipped"),
    "secrets file": (add(".env", "KEY=1"), ROOT, "holds .env"),
    "no zip": (remove("plugins.zip"), ROOT, "cannot be read"),
    "wheel of macOS": (add("x-1-cp312-cp312-macosx_11_0_arm64.whl"), WHEELS, "does not install on MWAA"),
    "wheel of another Python": (add("x-1-cp313-cp313-manylinux_2_28_x86_64.whl"), WHEELS, "does not install"),
    "wheel of too new a C library": (
        add("x-1-cp312-cp312-manylinux_2_39_x86_64.whl"),
        WHEELS,
        "does not install",
    ),
    "wheel of musl": (add("x-1-cp312-cp312-musllinux_1_2_x86_64.whl"), WHEELS, "does not install"),
    "wheel renamed": (add("lakehouse.whl"), WHEELS, "no other name"),
    "script of Windows": (append("startup.sh", "export A=1\r\n"), SCRIPT, "line ends of Windows"),
    "script sets what is MWAA's": (
        append("startup.sh", "export PYTHONPATH=/x\n"),
        SCRIPT,
        "exports PYTHONPATH",
    ),
    "no script": (remove("startup.sh"), SCRIPT, "cannot be read"),
    "no constraints": (replace("requirements.txt", LINE, "#"), CONSTRAINTS, "has no --constraint line"),
    "constraints of another Airflow": (
        replace("requirements.txt", "constraints-3.2.1", "constraints-3.0.6"),
        CONSTRAINTS,
        "constraints of Airflow 3.0.6, but 3.2.1 is locked",
    ),
    "constraints of another Python": (
        replace("requirements.txt", "constraints-3.12.txt", "constraints-3.11.txt"),
        CONSTRAINTS,
        "constraints of Python 3.11",
    ),
    "constraints after a package": (
        replace("requirements.txt", LINE, f"boto3\n{LINE}"),
        CONSTRAINTS,
        "must be the first",
    ),
    "no requirements": (remove("requirements.txt"), CONSTRAINTS, "has no --constraint line"),
    "pandas on a worker": (append("requirements.txt", "pandas\n"), PACKAGES, "pandas belongs to Glue"),
    "no requirement": (append("requirements.txt", "boto3=1\n"), PACKAGES, "pip does not read 'boto3=1'"),
    "wheel elsewhere": (
        replace("requirements.txt", "/usr/local/airflow/plugins", "/usr/local/airflow/dags"),
        PACKAGES,
        "is not there when MWAA installs",
    ),
    "wheel of another version": (
        replace("requirements.txt", "0.1.0", "0.2.0"),
        PACKAGES,
        f"plugins.zip has {WHEEL}",
    ),
    "wheel that is none": (add("x-1-py3-none-any.whl"), CONFLICTS, "x-1-py3-none-any.whl cannot be read"),
    "version outside of the constraints": (
        append("requirements.txt", "boto3>=1.43\n"),
        CONFLICTS,
        "asks for boto3>=1.43, the constraints allow boto3 1.42.84 alone",
    ),
    "heavy import of a DAG": (
        append("dags/shop.py", "import pandas as pd\n"),
        IMPORTS,
        "dags/shop.py:6 imports pandas",
    ),
    "heavy import of a plugin": (
        add(
            "orchestration/gate.py",
            "try:\n    from pyspark.sql import functions\nexcept ImportError:\n    pass\n",
        ),
        IMPORTS,
        "plugins.zip/orchestration/gate.py:2 imports pyspark.sql",
    ),
    "heavy import of a class": (
        append("dags/shop.py", "class A:\n    import great_expectations\n"),
        IMPORTS,
        "imports great_expectations",
    ),
    "no Python": (append("dags/shop.py", "def\n"), IMPORTS, "dags/shop.py:6 is no Python"),
}


def test_a_sound_build_has_no_problem(build: Path) -> None:
    assert problems(build) == {}


@pytest.mark.parametrize(("change", "check", "message"), TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_found_where_it_is(
    build: Path, change: Callable[[Path], None], check: str, message: str
) -> None:
    change(build)
    sound.seal(build)
    found = problems(build)
    assert any(message in problem for problem in found.get(check, ())), found


def test_a_version_that_the_engine_needs_is_held_to_the_constraints(build: Path) -> None:
    pins = {**PINS, "boto3": "1.40.0", "great-expectations": "1.0.0"}
    found = {check.what: check.problems for check in check_files(build, pins) if check.problems}
    # What only an extra needs is not installed.
    assert found == {CONFLICTS: (f"{WHEEL} asks for boto3>=1.42, the constraints allow boto3 1.40.0 alone",)}


def test_a_heavy_import_where_it_is_used_is_allowed(build: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\ndef use():\n    import pandas\n"
    change_plugins(build, {"orchestration/late.py": text.encode()})
    sound.seal(build)
    assert problems(build) == {}


def test_files_that_changed_since_the_build_are_found(build: Path) -> None:
    append("dags/shop.py", "\n")(build)
    assert problems(build) == {
        "the files are those of the manifest": (
            "dags/shop.py has another content than manifest.json says: build again with `make dist`",
        )
    }


def test_a_build_of_what_is_not_committed_is_no_release(build: Path) -> None:
    sound.seal(build, version="0" * 40 + "-dirty")
    (problem,) = problems(build)["the files are those of the manifest"]
    assert "not committed" in problem


def test_pins_are_read_from_constraints_and_from_locks(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("# made\nFlask==3.1.3\nboto3[crt]==1.42.84 \\\n    --hash=sha256:0\n")
    assert read_pins(tmp_path / "lock.txt") == {"flask": "3.1.3", "boto3": "1.42.84"}


@pytest.mark.parametrize(
    ("what", "change", "message"),
    [
        (
            "every DAG loads",
            {"import_errors": {"a.py": "Traceback\nKeyError: 1\n"}},
            "a.py does not load: KeyError: 1",
        ),
        ("every DAG loads", {"dags": []}, "there is no DAG"),
        (
            "parsing asks nothing of the world outside",
            {"calls": ["socket.connect at a.py:3"]},
            "at a.py:3, while",
        ),
        ("parsing imports nothing heavy", {"heavy": ["pandas"]}, "pandas is imported while"),
        (
            "parsing takes little time",
            {"seconds": {"a.py": 15.1}},
            "a.py takes 15.1 s of CPU to parse, more than 15",
        ),
        ("parsing takes little memory", {"memory_mb": 426.0}, "the DAGs take 301 MB, more than 300"),
    ],
)
def test_what_parsing_shows_is_judged(what: str, change: dict[str, object], message: str) -> None:
    assert all(not check.problems for check in check_parsing(GOOD))
    found = {c.what: c.problems for c in check_parsing(GOOD.model_copy(update=change)) if c.problems}
    assert found.keys() == {what}
    assert message in found[what][0]


class TestLoading:
    """In a process of its own, with a real Airflow."""

    def test_every_way_to_ask_the_world_is_refused_and_named(self, build: Path) -> None:
        dag = build / "dags" / "shop.py"
        for number, line in enumerate(
            (
                "from airflow.sdk import Variable\nVariable.get('x')",
                "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)",
                "import subprocess\nsubprocess.run(['true'])",
                "import numpy",
                "raise KeyError('x')",
            )
        ):
            (dag.parent / f"bad_{number}.py").write_text(f"# airflow DAG\n{line}\n")
        report = load(build)
        assert report.dags == ["shop"]
        assert report.import_errors.keys() == {"bad_0.py", "bad_1.py", "bad_2.py", "bad_4.py"}
        assert set(report.calls) == {
            "Variable.get at bad_0.py:3",
            "socket.getaddrinfo at bad_1.py:3",
            "subprocess.Popen at bad_2.py:3",
        }
        assert report.heavy == ["numpy"]

    def test_what_is_no_build_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ArtifactsError, match="cannot be laid out"):
            load(tmp_path)
