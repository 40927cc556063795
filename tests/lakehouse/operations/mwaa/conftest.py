"""The build of this checkout, made once."""

from pathlib import Path

import pytest

from lakehouse.operations.artifacts.build import build
from scripts.dist import ROOT, environment


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"), environment())
