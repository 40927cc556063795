"""The Athena in memory of the tests of commands."""

from tests.lakehouse.cli.conftest import backend, lay_ready

__all__ = ["backend", "lay_ready"]
