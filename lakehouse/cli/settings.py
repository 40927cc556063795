"""Settings of a command, and what is said where they are wrong."""

from typing import Any

from pydantic import ValidationError

from lakehouse.cli.failure import CommandError
from lakehouse.settings import CONFIG_FILE, Settings

_REMEDY = f"correct the variable LAKEHOUSE_… or {CONFIG_FILE} (docs/configuration.md)"


def read_settings(**given: Any) -> Settings:
    """The settings, `given` winning over environment and file; raises CommandError."""
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise CommandError(f"wrong settings: {'; '.join(faults)}; {_REMEDY}") from error
    except ValueError as error:
        raise CommandError(f"wrong settings: {error}; {_REMEDY}") from error
