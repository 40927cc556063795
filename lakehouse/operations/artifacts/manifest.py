"""`manifest.json`: every file of a build with its hash; what a deploy switches to and a rollback returns to."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from lakehouse.operations.artifacts.failure import ArtifactsError

FILE = "manifest.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Artifact(_Strict):
    """One file.

    Attributes:
        path: Below the build's folder, with slashes.
        sha256: Of its content, hexadecimal.
        bytes: Its size.
    """

    path: str
    sha256: str
    bytes: int


class Environment(_Strict):
    """The packed virtual environment of the Glue jobs, which changes with its lock alone and so is stored by it.

    Attributes:
        name: Of the file that `python3 -m scripts.bootstrap environment` packs.
        platform: Its wheels, as uv names them.
        lock_sha256: Of locks/glue-environment.txt, hexadecimal.
    """

    name: str
    platform: str
    lock_sha256: str


class Manifest(_Strict):
    """One build.

    Attributes:
        format: Version of this document.
        version: The commit's SHA; `<sha>-dirty` is no release.
        wheel: Path of the engine's wheel.
        log_store: Path of the jar that Delta commits with.
        environment: What the Glue jobs import beside it.
        artifacts: Every file but this one, by path.
    """

    format: Literal[1] = 1
    version: str
    wheel: str
    log_store: str
    environment: Environment
    artifacts: tuple[Artifact, ...]

    @property
    def prefix(self) -> str:
        """Folder of this build in the scripts' bucket, such as `releases/<sha>`."""
        return f"releases/{self.version}"

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into the build's folder."""
        (folder / FILE).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def problems(self, folder: Path) -> list[str]:
        """What in the folder is not as listed: files missing, other, or not listed at all."""
        expected = {artifact.path: artifact for artifact in self.artifacts}
        found = {artifact.path: artifact for artifact in artifacts_in(folder)}
        return [
            *(f"{path} is missing" for path in sorted(expected.keys() - found.keys())),
            *(f"{path} is not listed in {FILE}" for path in sorted(found.keys() - expected.keys())),
            *(
                f"{path} has another content than {FILE} says"
                for path in sorted(expected.keys() & found.keys())
                if expected[path] != found[path]
            ),
        ]


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a build; raises ArtifactsError where there is none or it is of another format."""
    try:
        return Manifest.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtifactsError(
            f"{folder / FILE} cannot be read: {error.strerror}; build with `make dist`"
        ) from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ArtifactsError(
            f"{folder / FILE} is no manifest of this version: {wrong}; build with `make dist`"
        ) from error


def artifacts_in(folder: Path) -> list[Artifact]:
    """Every file of a folder but its manifest, by path."""
    return [
        artifact_of(folder, path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / FILE
    ]


def artifact_of(folder: Path, path: Path) -> Artifact:
    """A file of a folder, hashed."""
    content = path.read_bytes()
    return Artifact(
        path=path.relative_to(folder).as_posix(),
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
    )
