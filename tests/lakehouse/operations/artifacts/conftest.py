"""A checkout small enough to be built many times."""

import os
import subprocess
from pathlib import Path

import pytest

PYPROJECT = """
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
FILES = {
    ".gitignore": ".cache/\ndist/\n__pycache__/\n",
    "config/startup.sh": "#!/bin/bash\n",
    "dags/shop.py": "dag = None\n",
    "dags/deep/other.py": "dag = None\n",
    "expectations/shop/gold/sales.json": "{}\n",
    "include/glue_scripts/publish.py": "print()\n",
    "include/sql/shop/registration/tables.sql": "SELECT 1;\n",
    "lakehouse/__init__.py": "",
    "locks/glue-environment.txt": "numpy==2.4.4\n",
    "plugins/orchestration/__init__.py": "",
    "plugins/orchestration/gate.py": "GATE = 1\n",
    "pyproject.toml": PYPROJECT,
    "requirements.txt": "boto3\n",
}


def make_checkout(root: Path, names: list[str]) -> Path:
    """Write the files in the order of the names and commit them."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name])
    jar = root / ".cache" / "log-store" / "lakehouse-log-store.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"jar")
    (root / "plugins" / "orchestration" / "__pycache__").mkdir()
    (root / "plugins" / "orchestration" / "__pycache__" / "gate.py").write_text("never shipped")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First")
    return root


def git(root: Path, *words: str) -> str:
    """Run git with a fixed author and time, so that two checkouts have the same commit."""
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in {"NAME": "T", "EMAIL": "t@example.com", "DATE": "2026-01-01T00:00:00Z"}.items()
    }
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *words], check=True, cwd=root, env=environment, capture_output=True, text=True
    ).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "checkout").mkdir()
    return make_checkout(tmp_path / "checkout", list(FILES))
