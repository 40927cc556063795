"""Which code made a table: a digest of its domain's transforms."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_CHARACTERS = 12


@cache
def code_version(domain: str) -> str:
    """The beginning of the SHA-256 of all that `lakehouse/transforms/` holds for a domain, and for every domain.

    Whatever else a release changes leaves it as it is: what rows a table has follows from contracts and transforms.
    """
    transforms = files("lakehouse") / "transforms"
    shared = [entry for entry in transforms.iterdir() if entry.is_file()]
    of_domain = [entry for entry in transforms.iterdir() if entry.name == domain]
    digest = hashlib.sha256()
    for name, content in sorted(_contents("", [*shared, *of_domain])):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:_CHARACTERS]


def _contents(folder: str, entries: list[Traversable]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every source file; what Python compiled of it is none."""
    for entry in entries:
        if entry.is_file():
            if not entry.name.endswith(".pyc"):
                yield f"{folder}{entry.name}", entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from _contents(f"{folder}{entry.name}/", [*entry.iterdir()])
