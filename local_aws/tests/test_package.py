"""The package stands by itself: what is built of it starts, and nothing in it knows the project that it grew up in."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=PACKAGE, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_the_licence_and_the_readme(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    source = PACKAGE / "src"
    assert {str(path.relative_to(source)) for path in source.rglob("*.py")} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "# local-aws" in metadata


def test_the_wheel_starts_by_itself(wheel, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import local_aws.server, sys; print(local_aws.__file__)"],
        env={**os.environ, "PYTHONPATH": str(wheel)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(wheel))


def test_it_knows_nothing_of_the_lakehouse():
    source = [PACKAGE / "pyproject.toml", PACKAGE / "README.md", *(PACKAGE / "src").rglob("*.py")]
    assert [path.name for path in source if "lakehouse" in path.read_text().lower()] == []


def test_what_it_imports_is_declared():
    declared = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {line.split("[")[0].split(">")[0].split("=")[0].replace("-", "_") for line in declared}
    imported = set()
    for path in (PACKAGE / "src").rglob("*.py"):
        if "runtime" in path.parts:  # runs in the interpreter of Glue
            continue
        lines = (line.split() for line in path.read_text().splitlines())
        imported |= {
            line[1].split(".")[0] for line in lines if line[:1] in (["import"], ["from"]) and len(line) > 1
        }
    third_party = {name for name in imported if name not in sys.stdlib_module_names and name.isidentifier()}
    # botocore comes with boto3, werkzeug with flask.
    assert third_party - names - {"local_aws", "botocore", "werkzeug"} == set()
