"""Small populations, and what was delivered of them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.generate import generate


def deliver(directory: Path, **options: Any) -> dict[str, Any]:
    """Write a population and return its ledger."""
    return generate(Simulation(**{"patients": 60, "deliveries": 5, **options}), directory)


def texts(directory: Path) -> dict[str, str]:
    """Every file's text by its name below the directory."""
    return {path.relative_to(directory).as_posix(): text(path) for path in sorted(directory.rglob("*.*"))}


def text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def resources(directory: Path) -> Iterator[dict[str, Any]]:
    """Every resource of every file, bundles opened; deletions left out."""
    for name, content in texts(directory).items():
        if ".ndjson" in name:
            yield from (json.loads(line) for line in content.splitlines())
        else:
            entries = json.loads(content)["entry"]
            yield from (entry["resource"] for entry in entries if "resource" in entry)
