"""Check a workbook's parts before they are read whole into memory.

A workbook is a zip archive of XML. The library that reads it takes every cell of a sheet, from A1 to the last one
used, and every text as often as a cell shows it: a few kilobytes can ask for terabytes, and where memory ends, the
process ends without a word. So every part is first inflated here, within bounds, and what the library reads is a copy
of the checked parts alone.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from lakehouse.ingestion.tabular import UnreadableFileError
from lakehouse.ingestion.workbook_cells import CellCounter

MAX_INFLATED = 512 << 20
"""Bytes of all parts together. A sheet of a million rows and ten columns has about 400 MB."""
MAX_RATIO = 200
"""Inflated bytes by byte of the file. Sheets reach 30; deflate cannot exceed 1,032, which only bombs come near."""
RATIO_COUNTS_ABOVE = 64 << 20
"""Inflated bytes that are harmless at any ratio."""

_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@contextmanager
def checked_copy(content: BinaryIO) -> Iterator[str]:
    """The path of a copy, for as long as the context lasts; raises UnreadableFileError."""
    with NamedTemporaryFile(suffix=".xlsx") as copy:
        with zipfile.ZipFile(copy, "w") as target:
            try:
                _copy(content, target)
            except UnreadableFileError:
                raise
            except _DAMAGED as error:
                raise UnreadableFileError(
                    f"not a readable workbook ({type(error).__name__}): the file is damaged; deliver it again"
                ) from error
        copy.flush()
        yield copy.name


def _copy(content: BinaryIO, target: zipfile.ZipFile) -> None:
    size = content.seek(0, 2)
    bound = min(MAX_INFLATED, max(RATIO_COUNTS_ABOVE, MAX_RATIO * size))
    inflated = 0
    counter = CellCounter()
    with zipfile.ZipFile(content) as archive:
        for part in _parts(archive):
            counter.begin(part)
            with archive.open(part) as source, target.open(part, "w") as copied:
                while chunk := source.read(_CHUNK):
                    inflated += len(chunk)
                    if inflated > bound:
                        raise UnreadableFileError(
                            f"the workbook inflates to more than {bound >> 20} MiB: split it or deliver it as .csv"
                        )
                    counter.feed(chunk)
                    copied.write(chunk)
            counter.end()
    counter.require_little_text()


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """Names of the parts of XML; pictures and macros are left out."""
    names = [name for name in archive.namelist() if name.lower().endswith((".xml", ".rels"))]
    if "[Content_Types].xml" not in names:
        raise UnreadableFileError("the zip archive is no workbook: unpack it, or save the table as .xlsx")
    if len(set(names)) < len(names):
        raise UnreadableFileError(
            "not a readable workbook: it holds a part twice; open it in Excel and save it again"
        )
    return names
