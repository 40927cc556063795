from io import BytesIO

import pytest

from lakehouse.ingestion.readers import read_sheets
from lakehouse.ingestion.tabular import Record, UnreadableFileError
from tests.lakehouse.ingestion import reading


def read(content: str | bytes, name: str = "s3://lake/raw/orders/day.csv") -> list[Record]:
    return reading.read(name, content.encode() if isinstance(content, str) else content)


def test_values_are_text_exactly_as_they_came() -> None:
    assert read("order_id,total_amount\n0007, 229.50 \nNULL,1e3\n") == [
        Record("", 2, {"order_id": "0007", "total_amount": " 229.50 "}),
        Record("", 3, {"order_id": "NULL", "total_amount": "1e3"}),
    ]


def test_an_empty_value_is_empty_text() -> None:
    assert read("a,b\n1,\n")[0].values == {"a": "1", "b": ""}


def test_headers_are_trimmed_and_lower_case() -> None:
    assert list(read("Order_ID , DATE\n1,2\n")[0].values) == ["order_id", "date"]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfid\n1\n")[0].values == {"id": "1"}


def test_windows_line_ends() -> None:
    assert [record.values for record in read("id,name\r\n1,Milk\r\n2,Eggs\r\n")] == [
        {"id": "1", "name": "Milk"},
        {"id": "2", "name": "Eggs"},
    ]


def test_the_last_line_needs_no_end() -> None:
    assert [record.values["id"] for record in read("id\n1\n2")] == ["1", "2"]


def test_line_ends_commas_and_quotes_inside_a_value() -> None:
    (milk, eggs) = read('id,name\n1,"Milk,\n""fresh"""\n2,"a\r\nb"\n')

    assert milk == Record("", 2, {"id": "1", "name": 'Milk,\n"fresh"'})
    assert eggs == Record("", 3, {"id": "2", "name": "a\r\nb"})


def test_a_short_row_lacks_its_last_values() -> None:
    assert read("a,b,c\n1,2\n")[0].values == {"a": "1", "b": "2", "c": None}


def test_a_long_row_keeps_what_no_column_names() -> None:
    assert read("a,b\n1,2,,4\n")[0].values == {"a": "1", "b": "2", "column 4": "4"}


def test_blank_lines_are_skipped_and_counted() -> None:
    assert [(record.row, record.values["a"]) for record in read("a\n1\n\n\n2\n")] == [(2, "1"), (5, "2")]


def test_a_header_alone_has_no_rows() -> None:
    assert read("a,b\n") == []


def test_unnamed_columns_behind_the_last_name_are_dropped() -> None:
    assert read("a,b,,\n1,2,,\n")[0].values == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the file is empty"),
        (b"\n1,2\n", "row 1 holds no column names"),
        (b" , \n1,2\n", "row 1 holds no column names"),
        (b"id,Name,ID,name\n", "row 1 gives columns 1 and 3 the same name"),
        (b"id\n1\n2\n\xe9t\xe9\n", "line 4 is not UTF-8"),
        (b'id\n"a\nb"\n\xe9\n', "line 4 is not UTF-8"),
        (b"\xe9\n1\n", "line 1 is not UTF-8"),
        (b'id\n1\n"2\n3\n', "line 4: unexpected end of data"),
        (b'id\n"1" or so\n', "line 2: ',' expected after '\"'"),
        (b"id\r1\r2\r", "line 1: new-line character"),
    ],
    ids=[
        "empty_file",
        "blank_header",
        "unnamed_header",
        "duplicate_header",
        "latin_1",
        "latin_1_after_a_value_of_two_lines",
        "latin_1_header",
        "open_quote",
        "text_after_a_quote",
        "classic_mac_line_ends",
    ],
)
def test_unreadable(content: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableFileError, match=complaint):
        read(content)


def test_rows_before_a_bad_line_are_read_but_the_file_is_refused() -> None:
    (sheet,) = read_sheets("day.csv", BytesIO(b"id\n1\n\xe9\n"))

    assert next(sheet.records).values == {"id": "1"}
    with pytest.raises(UnreadableFileError):
        next(sheet.records)


@pytest.mark.parametrize("name", ["orders.json", "orders", "orders.xls"])
def test_other_kinds_of_files_say_what_to_deliver(name: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"deliver \.csv, \.csv\.gz, \.xlsx, \.xlsm"):
        read("a\n1\n", name=name)


def test_the_name_may_be_in_capitals() -> None:
    assert read("a\n1\n", name="ORDERS.CSV")[0].values == {"a": "1"}
