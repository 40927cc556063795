"""The wheel that Glue runs."""

from pathlib import Path

import pytest

from lakehouse.operations.deploy import DeployError, build_wheel

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lakehouse"
version = "0.1.0"
requires-python = ">=3.12"
[tool.hatch.build.targets.wheel]
packages = ["lakehouse"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout with an empty engine."""
    (tmp_path / "lakehouse").mkdir()
    (tmp_path / "lakehouse" / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def test_the_same_sources_give_the_same_wheel(project: Path) -> None:
    wheel = project / "dist" / "lakehouse-0.1.0-py3-none-any.whl"
    build_wheel(project)
    first = wheel.read_bytes()
    wheel.unlink()
    (project / "lakehouse" / "__init__.py").touch()
    build_wheel(project)
    assert wheel.read_bytes() == first


def test_a_build_that_fails_is_quoted(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project\n")
    with pytest.raises(DeployError, match="the wheel cannot be built in "):
        build_wheel(project)
