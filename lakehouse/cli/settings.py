"""Settings of a command, and what is said where they are wrong."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lakehouse.cli.failure import CommandError
from lakehouse.settings import Settings, config_file


def read_settings(**given: Any) -> Settings:
    """The settings, `given` winning over environment and file; raises CommandError."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise _wrong("; ".join(map(_fault, error.errors()))) from error
    except ValueError as error:
        raise _wrong(str(error)) from error


def _fault(found: Mapping[str, Any]) -> str:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"there is no setting {name}"
    return f"{name}: {found['msg'].removeprefix('Value error, ')}"


def _wrong(faults: str) -> CommandError:
    return CommandError(
        f"wrong settings: {faults}; correct the variable LAKEHOUSE_… or {config_file()}, see docs/configuration.md"
    )
