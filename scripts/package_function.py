"""Pack the function that starts runs on MWAA, the same bytes for the same source: `build/mwaa_trigger.zip`."""

import sys
from pathlib import Path

from lakehouse.operations.artifacts.archive import write_zip

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "infra" / "terraform" / "modules" / "trigger" / "source"
PACKAGE = Path("build") / "mwaa_trigger.zip"


def package(target: Path) -> Path:
    """Write the zip, its folder with it; returns its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_zip(target, {file.name: file.read_bytes() for file in SOURCE.glob("*.py")})
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{package(ROOT / PACKAGE)}\n")
