"""Read a delivered file as text, value by value, exactly as it came."""

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from lakehouse.contract_rules import Format
from lakehouse.ingestion.delimited import read_csv, read_gzip
from lakehouse.ingestion.fhir import (
    read_fhir_document,
    read_fhir_document_gzip,
    read_fhir_lines,
    read_fhir_lines_gzip,
)
from lakehouse.ingestion.json_lines import read_json_lines, read_json_lines_gzip
from lakehouse.ingestion.tabular import Sheet, UnreadableFileError
from lakehouse.ingestion.workbook import read_workbook

type Reader = Callable[[BinaryIO], Iterator[Sheet]]
_READERS: dict[Format, dict[str, Reader]] = {
    "table": {
        ".csv": read_csv,
        ".csv.gz": read_gzip,
        ".xlsx": read_workbook,
        ".xlsm": read_workbook,
        ".ndjson": read_json_lines,
        ".ndjson.gz": read_json_lines_gzip,
    },
    "fhir": {
        ".json": read_fhir_document,
        ".json.gz": read_fhir_document_gzip,
        ".ndjson": read_fhir_lines,
        ".ndjson.gz": read_fhir_lines_gzip,
    },
}
_READ_FORWARD = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
_ZIP, _OLE, _GZIP = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"\x1f\x8b"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20


def read_sheets(name: str, content: BinaryIO, of_format: Format = "table") -> Iterator[Sheet]:
    """Every sheet of a file, a CSV file being one; each must be read before the next. Raises UnreadableFileError."""
    readers = _READERS[of_format]
    suffix = next((suffix for suffix in readers if name.lower().endswith(suffix)), None)
    if suffix is None:
        raise UnreadableFileError(
            f"the name ends in {name.rpartition('.')[2]!r}: deliver {', '.join(readers)}"
        )
    if is_read_forward(name):
        content = io.BufferedReader(content, _CHUNK)  # type: ignore[type-var]
        # An empty one has no header that would be missing.
        if start := content.peek(8)[:8]:
            _require_content_of(suffix, start, content)
    else:
        _require_content_of(suffix, content.read(8), content)
        content.seek(0)
    yield from readers[suffix](content)


def is_read_forward(name: str) -> bool:
    """Whether a file of this name is read once, from its begin to its end, so that it need not be kept meanwhile."""
    return name.lower().endswith(_READ_FORWARD)


def _require_content_of(suffix: str, start: bytes, content: BinaryIO) -> None:
    """Where the first bytes tell what a file is, the name must say the same."""
    if not start:
        raise UnreadableFileError("the file is empty: deliver it again, with its header")
    if start.startswith(_OLE) and not is_read_forward(suffix):
        if _contains(content, _ENCRYPTED):
            raise UnreadableFileError("the workbook is encrypted: remove the password")
        raise UnreadableFileError("the file is in the old format of Excel (.xls): save it as .xlsx")
    workbook_expected = suffix in {".xlsx", ".xlsm"}
    if start.startswith(_ZIP) and not workbook_expected:
        raise UnreadableFileError(
            f"the name ends in {suffix} but this is a workbook or a zip archive: call a workbook .xlsx,"
            " unpack an archive"
        )
    compressed = start.startswith(_GZIP)
    if compressed and not suffix.endswith(".gz"):
        raise UnreadableFileError(f"the name ends in {suffix} but this is compressed: call it {suffix}.gz")
    if not start.startswith(_ZIP) and workbook_expected:
        raise UnreadableFileError(f"the name ends in {suffix} but this is no workbook: call text .csv")
    if not compressed and suffix.endswith(".gz"):
        plain = suffix.removesuffix(".gz")
        raise UnreadableFileError(f"the name ends in {suffix} but this is not compressed: call it {plain}")


def _contains(content: BinaryIO, wanted: bytes) -> bool:
    content.seek(0)
    end = b""
    while chunk := content.read(_CHUNK):
        if wanted in end + chunk:
            return True
        end = chunk[-len(wanted) :]
    return False
