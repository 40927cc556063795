"""Programs of the tests in the place of java, uv and the like."""

from collections.abc import Callable
from pathlib import Path

import pytest

type Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Writes a shell script of a name into a folder of its own; returns its path."""

    def write(name: str, script: str) -> Path:
        path = tmp_path / "programs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return write
