"""Zip files whose bytes depend on nothing but names and contents."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip knows."""

_UNIX = 3
_MODE = 0o100644


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip with its names in order, no times and no owners.

    Args:
        target: Replaced if it is there.
        files: Name in the archive → content.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
