"""Build the artifacts of MWAA and Glue into dist/mwaa: `python -m scripts.dist`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.operations.artifacts.build import OUTPUT, build, lock_digest
from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.artifacts.manifest import Environment, read_manifest
from scripts.bootstrap.glue_environment import GLUE_PLATFORM, packed

ROOT = Path(__file__).parents[1]


def environment() -> Environment:
    """The packed environment of the lock, for the platform that Glue runs on."""
    return Environment(name=packed(GLUE_PLATFORM).name, platform=GLUE_PLATFORM, lock_sha256=lock_digest(ROOT))


def main(
    output: Annotated[Path, typer.Option(help="Folder of builds, one folder a commit.")] = ROOT / OUTPUT,
) -> None:
    """Build what is deployed from the commit that is checked out."""
    try:
        folder = build(ROOT, output, environment())
    except ArtifactsError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from error
    manifest = read_manifest(folder)
    size = sum(artifact.bytes for artifact in manifest.artifacts)
    print(f"{folder}: {len(manifest.artifacts)} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
