"""A stack's layout of its own: folders in a temporary place, ports that nobody uses."""

import importlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

# pytest's importlib mode names this module laptop.tests.conftest and makes up the parents that it finds no package
# for: the folder laptop of the checkout would hide the package laptop.
if getattr(sys.modules.get("laptop"), "__file__", None) is None:
    sys.modules.pop("laptop", None)
    importlib.import_module("laptop")

from laptop.layout import Layout
from laptop.processes import of_stack


@pytest.fixture(autouse=True)
def _settings_of_the_tests_own() -> Iterator[None]:
    """Nothing is taken from whoever runs the tests, and nothing that a test sets stays."""
    with patch.dict(os.environ):
        for name in list(os.environ):
            if name.startswith(("LAKEHOUSE", "LOCAL_AWS", "ECOM_", "AWS_", "AIRFLOW")):
                del os.environ[name]
        yield


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """A layout; whatever was started with it is gone afterwards."""
    made = Layout(
        root=tmp_path,
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
        aws_port=free_port(),
        trino_port=free_port(),
        airflow_port=free_port(),
    )
    yield made
    for process in of_stack(made):
        process.kill()
        process.wait(5)
