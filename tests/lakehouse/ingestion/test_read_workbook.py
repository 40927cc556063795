from datetime import date, datetime, time
from io import BytesIO

import pytest

from lakehouse.ingestion import workbook_cells
from lakehouse.ingestion.tabular import Record, UnreadableFileError
from tests.lakehouse.ingestion import reading
from tests.lakehouse.workbooks import workbook


def read(content: BytesIO, name: str = "s3://lake/raw/orders/april.xlsx") -> list[Record]:
    return reading.read(name, content.read())


def test_every_sheet_in_its_order() -> None:
    content = workbook(
        second=[["id", "amount"], [1, 2]], first=[["amount", "id"], [4, 3]], empty=[], header=[["id"]]
    )

    assert read(content) == [
        Record("second", 2, {"id": "1", "amount": "2"}),
        Record("first", 2, {"amount": "4", "id": "3"}),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (90.0, "90"),
        (90, "90"),
        (-3, "-3"),
        (229.53, "229.53"),
        (0.1, "0.1"),
        (1945810.41, "1945810.41"),
        (9007199254740991, "9007199254740991"),
        ("007", "007"),
        (" padded ", " padded "),
        ("ÄPFEL", "ÄPFEL"),
        (True, "true"),
        (False, "false"),
        (date(2025, 4, 1), "2025-04-01"),
        (datetime(2025, 4, 1, 10, 15), "2025-04-01T10:15:00"),  # noqa: DTZ001 - a cell has no zone
        (time(10, 15), "10:15:00"),
        (None, None),
        ("", None),
    ],
    ids=repr,
)
def test_a_cell_as_text(cell: object, text: str | None) -> None:
    (record,) = read(workbook(s=[["id", "value"], [1, cell]]))

    assert record.values == {"id": "1", "value": text}


def test_blank_rows_are_skipped_and_counted() -> None:
    records = read(workbook(s=[["id", "value"], [1, 2], [], [None, None], [3, None]]))

    assert [(record.row, record.values) for record in records] == [
        (2, {"id": "1", "value": "2"}),
        (5, {"id": "3", "value": None}),
    ]


def test_headers_are_trimmed_and_lower_case() -> None:
    (record,) = read(workbook(s=[[" Order_ID", "DATE "], [1, 2]]))

    assert list(record.values) == ["order_id", "date"]


def test_a_cell_that_no_column_names_is_kept() -> None:
    (record,) = read(workbook(s=[["id"], [1, None, "note"]]))

    assert record.values == {"id": "1", "column 3": "note"}


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (["id", "ID"], "sheet 'bad': row 1 gives columns 1 and 2 the same name"),
        ([None, None], "sheet 'bad': row 1 holds no"),
    ],
)
def test_a_bad_header_names_its_sheet(header: list[object], complaint: str) -> None:
    with pytest.raises(UnreadableFileError, match=complaint):
        read(workbook(good=[["id"], [1]], bad=[header, [1, 2]]))


def test_cells_are_counted_over_all_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_cells, "MAX_CELLS", 1600)

    def far(last_row: int) -> list[list[object]]:
        # Rows are of 8 columns: two sheets of 100 rows have all the cells that are allowed.
        return [["id"], *([] for _ in range(last_row - 2)), [None] * 7 + [1]]

    assert len(read(workbook(one=far(100), two=far(100)))) == 2
    with pytest.raises(UnreadableFileError, match=r"sheet3\.xml' brings the workbook to more"):
        read(workbook(one=far(100), two=far(100), three=[["id"]]))
