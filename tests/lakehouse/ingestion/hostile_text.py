"""Hostile CSV, plain and compressed."""

import codecs
import gzip
import zlib
from collections.abc import Mapping

from tests.lakehouse.ingestion.hostile_case import UTF_8, Hostile, refused, rows_of, text

NAUGHTY = [
    "NULL",
    "null",
    "None",
    "undefined",
    "N/A",
    "NaN",
    "-Infinity",
    "true",
    "0x0",
    "1e400",
    "1/0",
    "00",
    "' OR 1=1 -- ",
    "Robert'); DROP TABLE orders;--",
    "<script>alert(1)</script>",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "../../../etc/passwd",
    "=1+1",
    "@SUM(1)",
    "\\",
    "\\N",
    "%s%n",
    "`id`",
    "$(id)",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "مرحبا",
    "😍🏳️‍🌈",
    "e\u0301 and \u00e9",
    "\u202eright to left",
    "zero\u200bwidth",
    "no\u00a0break",
    "line\u2028separator",
    "unit\x1fseparator",
    "vertical\x0btab",
    "form\x0cfeed",
    "\ufeffmark inside",
    "\x7f",
    "\U0010ffff",
    " ",
    "\t",
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
]
"""After the Big List of Naughty Strings: what a program may take for something else than text."""

TEXT: dict[str, Hostile] = {
    "empty_file": refused("the file is empty: deliver it again, with its header", b""),
    "blank_file": refused("row 1 holds no column names: put them there", b"\n\n"),
    "header_only": text("id,name\n"),
    "byte_order_mark": text(codecs.BOM_UTF8 + b"id,name\n1,Milk\n", {"id": "1", "name": "Milk"}),
    "utf_16": text(
        "id,name\n1,Käse\n2,乳\n", {"id": "1", "name": "Käse"}, {"id": "2", "name": "乳"}, encoding="utf-16"
    ),
    "utf_16_big_endian": text(
        codecs.BOM_UTF16_BE + "id\r\n1\r\n2".encode("utf-16-be"), {"id": "1"}, {"id": "2"}
    ),
    "utf_16_broken_off": refused(
        f"line 3 or one after it is not UTF-16; {UTF_8}", "id\n1\n2\n".encode("utf-16")[:-1]
    ),
    "utf_16_without_a_mark": refused(
        f"line 1 holds a NUL: the file is binary, or UTF-16 or UTF-32; {UTF_8}", "id\n1\n".encode("utf-16-le")
    ),
    "utf_32": refused(
        f"line 1 holds a NUL: the file is binary, or UTF-16 or UTF-32; {UTF_8}", "id\n1\n".encode("utf-32-le")
    ),
    "cp1252": refused(
        f"line 3 is not UTF-8: invalid continuation byte; {UTF_8}",
        "id,name\n1,Milk\n2,Käse\n".encode("cp1252"),
    ),
    "crlf": text("id,name\r\n1,Milk\r\n2,\r\n", {"id": "1", "name": "Milk"}, {"id": "2", "name": ""}),
    "newlines_and_quotes_in_values": text(
        'id,name\n1,"Milk\n""fresh"""\n2,"a\r\nb, c"\n',
        {"id": "1", "name": 'Milk\n"fresh"'},
        {"id": "2", "name": "a\r\nb, c"},
    ),
    "quote_never_closed": refused(
        "line 4: unexpected end of data; quote values that hold quotes or line ends, and double the quotes",
        b'id\n1\n"2\n3\n',
    ),
    "naughty_strings": text(
        "id,name\n"
        + "".join(f'{n},"{each.replace(chr(34), chr(34) * 2)}"\n' for n, each in enumerate(NAUGHTY)),
        *({"id": str(n), "name": each} for n, each in enumerate(NAUGHTY)),
    ),
    "nul_bytes": refused(
        f"line 3 holds a NUL: the file is binary, or UTF-16 or UTF-32; {UTF_8}", b"id,name\n1,a\n2,b\0c\n"
    ),
    "control_z_at_the_end": text("id\n1\n\x1a", {"id": "1"}, {"id": "\x1a"}),
    "line_of_50_mb": refused(
        "line 2: the record is longer than 16 MiB: is a quote not closed?",
        lambda: b"id\n" + b"x" * 50_000_000 + b"\n",
    ),
    "line_of_50_mb_of_commas": refused(
        "line 2: the record is longer than 16 MiB: is a quote not closed?",
        lambda: b"id\n" + b"," * 50_000_000,
    ),
    "header_of_50_mb": refused(
        "line 1: the record is longer than 16 MiB: is a quote not closed?", lambda: b"id" * 25_000_000
    ),
    "record_of_50_mb_in_many_lines": refused(
        "line 16779: the record is longer than 16 MiB: is a quote not closed?",
        lambda: b'id\n"' + (b"x" * 999 + b"\n") * 50_000,
    ),
    "too_many_columns": refused(
        "row 1 has 3000 columns, more than 2048: is it delimited right?",
        ",".join(f"c{n}" for n in range(3000)).encode(),
    ),
    "too_many_cells_in_a_row": refused(
        "row 3 has 3000 columns, more than 2048: is it delimited right?", b"id\n1\n" + b"," * 2999 + b"\n"
    ),
    "ragged_rows": text(
        "a,b\n1\n1,2,,4\n,\n",
        {"a": "1", "b": None},
        {"a": "1", "b": "2", "column 4": "4"},
        {"a": "", "b": ""},
    ),
    "unnamed_columns": text("a,,b,,\n1,2,3,4,\n", {"a": "1", "column 2": "2", "b": "3", "column 4": "4"}),
    "duplicated_header": refused(
        "row 1 gives columns 1 and 3 the same name (capitals do not count): rename or remove one",
        b"id,name,id\n1,2,3\n",
    ),
    "case_colliding_header": refused(
        "row 1 gives columns 1 and 2 the same name (capitals do not count): rename or remove one",
        b"Order_ID,order_id \n1,2\n",
    ),
    "another_delimiter": text("id;name\n1;Milk\n", {"id;name": "1;Milk"}),
    "keys_keep_zeros_spaces_and_capitals": text(
        "id\n007\n 7 \nA7\na7\n", {"id": "007"}, {"id": " 7 "}, {"id": "A7"}, {"id": "a7"}
    ),
}

_MILK = b"id,name\n1,Milk\n"


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _gz(content: bytes, *rows: Mapping[str, str | None]) -> Hostile:
    return Hostile(lambda: content, "day.csv.gz", rows_of(*rows))


def _bomb() -> bytes:
    """100 MB in 100 KB."""
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(b"id\n" + (b"x" * 9_999 + b"\n") * 10_000) + packer.flush()


_PACKED = _compressed(_MILK)
COMPRESSED: dict[str, Hostile] = {
    "gz": _gz(_PACKED, {"id": "1", "name": "Milk"}),
    "gz_of_utf_16": _gz(_compressed("id\n1\n".encode("utf-16")), {"id": "1"}),
    "gz_of_several_members": _gz(
        _PACKED + _compressed(b"2,Eggs\n"), {"id": "1", "name": "Milk"}, {"id": "2", "name": "Eggs"}
    ),
    "gz_padded_with_zeros": _gz(_PACKED + bytes(512), {"id": "1", "name": "Milk"}),
    "gz_of_nothing": refused("row 1 holds no column names: put them there", _compressed(b""), "day.csv.gz"),
    "gz_truncated": refused(
        f"the gzip data breaks off after byte {len(_PACKED) - 9}: deliver the file again",
        _PACKED[:-9],
        "day.csv.gz",
    ),
    "gz_with_trailing_garbage": refused(
        f"the gzip data is followed by something else, in what begins at byte {len(_PACKED) + 1}: deliver the file"
        " again",
        _PACKED + b"garbage",
        "day.csv.gz",
    ),
    "gz_with_a_wrong_checksum": refused(
        "the gzip data is broken, in what begins at byte 1: deliver the file again",
        _PACKED[:-8] + b"\0\0\0\0" + _PACKED[-4:],
        "day.csv.gz",
    ),
    "gz_bomb": refused(
        "the gzip data inflates to more than 200 times its size: deliver the file uncompressed",
        _bomb,
        "day.csv.gz",
    ),
    "gz_called_csv": refused("the name ends in .csv but this is compressed: call it .csv.gz", _PACKED),
    "csv_called_gz": refused(
        "the name ends in .csv.gz but this is not compressed: call it .csv", _MILK, "day.csv.gz"
    ),
}
