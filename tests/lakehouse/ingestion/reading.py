"""Read a file of a test's own to its end."""

from io import BytesIO

from lakehouse.ingestion.readers import read_sheets
from lakehouse.ingestion.tabular import Record


def read(name: str, content: bytes) -> list[Record]:
    """Every record of every sheet."""
    return [record for sheet in read_sheets(name, BytesIO(content)) for record in sheet.records]
