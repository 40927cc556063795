"""Remember what a finished step was made from, so that a repeated setup does only what changed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(*sources: Path | str) -> str:
    """Hash files (by content) and words into one hexadecimal word."""
    digest = hashlib.sha256()
    for source in sources:
        content = source.read_bytes() if isinstance(source, Path) else source.encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def is_current(stamp: Path, made_from: str) -> bool:
    """Whether the step that wrote this stamp was made from the same sources."""
    return stamp.is_file() and stamp.read_text() == made_from


def write(stamp: Path, made_from: str) -> None:
    """Record a finished step; the last thing a step does."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(made_from)
