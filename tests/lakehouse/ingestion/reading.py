"""Read a file of a test's own to its end."""

from io import BytesIO

from lakehouse.contract_rules import Format
from lakehouse.ingestion.readers import read_sheets
from lakehouse.ingestion.tabular import Record


def read(name: str, content: bytes, of_format: Format = "table") -> list[Record]:
    """Every record of every sheet."""
    return [record for sheet in read_sheets(name, BytesIO(content), of_format) for record in sheet.records]
