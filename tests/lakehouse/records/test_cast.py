"""Text becomes a value of the contract, or names its rule; whatever comes, nothing raises."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.records.cast import RAW, RULES, cast_columns, typed_value
from tests.lakehouse.contract_files import contract_of
from tests.lakehouse.frames import as_printed, frame, texts
from tests.oracle import values

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def typed(spark: "SparkSession", physical_type: str, given_texts: list[str]) -> dict[str, str | None]:
    """Every text and what it becomes, as Spark prints it."""
    from pyspark.sql import functions as F

    rows = spark.createDataFrame([(text,) for text in given_texts], "text string")
    value = typed_value(F.col("text"), physical_type).cast("string").alias("value")
    return {row["text"]: row["value"] for row in rows.select("text", value).collect()}


def check(spark: "SparkSession", physical_type: str, expected: dict[str, str | None]) -> None:
    assert typed(spark, physical_type, list(expected)) == expected


def test_whole_numbers(spark: "SparkSession") -> None:
    accepted = {"7": "7", "+5": "5", "-3": "-3", "007": "7", "10000.0": "10000", "1.": "1", "-2.000": "-2"}
    blank = {" 7 ": "7", "\t7\r\n": "7", "": None, "   ": None}
    refused = dict.fromkeys(["1.5", "1e3", ".0", "seven", "0x1F", "1_000", "1,000", "٣", "7 8", "NaN", "-"])
    check(
        spark,
        "bigint",
        {
            **accepted,
            **blank,
            **refused,
            str(2**63 - 1): str(2**63 - 1),
            str(2**63): None,
            f"{-(2**63)}.0": str(-(2**63)),
        },
    )
    check(spark, "int", {"2147483647.0": "2147483647", "2147483648": None, "-2147483648": "-2147483648"})


def test_money(spark: "SparkSession") -> None:
    accepted = {
        "229.53": "229.53",
        "77": "77.00",
        "-8.5": "-8.50",
        "1e2": "100.00",
        ".5": "0.50",
        "5.": "5.00",
    }
    rounded = {"0.005": "0.01", "-0.005": "-0.01", "1.004": "1.00", "2.675": "2.68", "1e-400": "0.00"}
    limits = {"9999999999999999.99": "9999999999999999.99", "9999999999999999.995": None, "1e16": None}
    refused = [
        "n/a",
        "12,50",
        "$5",
        "5 EUR",
        "1_000",
        "NaN",
        "Infinity",
        "1.2.3",
        "--5",
        "0x10",
        "1d",
        "٣",
        "-",
    ]
    endless = ["1e400", "1e2147483647", "1e-1000000000", "9" * 1000]
    check(
        spark,
        "decimal(18,2)",
        {**accepted, **rounded, **limits, **dict.fromkeys([*refused, *endless, "", " "])},
    )


def test_timestamps_are_utc(spark: "SparkSession") -> None:
    ten = "2025-04-01 10:00:00"
    same = ["2025-04-01T10:00:00", "2025-04-01 10:00", "2025-04-01T10:00:00Z", "2025-04-01T12:00:00+02:00"]
    same += ["2025-04-01T10:00Z", "2025-04-01 05:00-05:00"]
    others = {
        "2025-04-01": "2025-04-01 00:00:00",
        "2025-04-01T10:00:00.25": f"{ten}.25",
        "2025-04-01T23:30:00-05:00": "2025-04-02 04:30:00",
        # An hour that the summer time of other zones skips.
        "2025-03-30T02:30:00": "2025-03-30 02:30:00",
    }
    check(spark, "timestamp", {**dict.fromkeys(same, ten), f" {ten} ": ten, **others})


def test_what_is_no_timestamp(spark: "SparkSession") -> None:
    no_day = [
        "10:00",
        "T10:00",
        "10:00:00",
        "2025",
        "2025-04",
        "now",
        "today",
        "epoch",
        "1743501600",
        "20250401",
    ]
    impossible = ["2025-02-30T10:00:00", "2025-13-01T00:00:00", "2025-04-01T25:00:00", "2025-04-01T10:61:00"]
    other = ["yesterday", "01.04.2025", "04/01/2025", "2025-04-01X10:00", "12025-04-01T10:00:00", "", "  "]
    check(spark, "timestamp", dict.fromkeys([*no_day, *impossible, *other]))


def test_dates(spark: "SparkSession") -> None:
    day = "2025-04-01"
    accepted = dict.fromkeys(
        [day, f" {day}", f"{day}T00:00:00", f"{day} 23:59:59", f"{day}T23:00:00-05:00"], day
    )
    impossible = ["2025-02-30", "2025-00-10", "0000-01-01", "12025-01-01", "-2025-01-01"]
    refused = ["2025", "2025-04", "20250401", "2025-W14-2", "01/04/2025", "n/a", "10:00", "2025-04-01x", ""]
    check(spark, "date", {**accepted, **dict.fromkeys([*impossible, *refused])})


def test_text_stays_as_it_came(spark: "SparkSession") -> None:
    check(spark, "string", {" a b ": " a b ", "007": "007", "NULL": "NULL", "": None})


# A hundred texts make one example, and the failing ones are named: smaller examples would take long and say no more.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
NUMBERS = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    st.text("0123456789.eE+- \t", max_size=12),
)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
TIMES = st.one_of(
    MOMENTS.map(datetime.isoformat),
    st.builds(
        lambda moment, zone: f"{moment:%Y-%m-%d %H:%M}{zone}",
        MOMENTS,
        st.sampled_from(["", "Z", "+05:30", "-08:00"]),
    ),
    DAYS.map(date.isoformat),
    st.builds(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format,
        *(st.integers(0, top) for top in (9999, 14, 33, 26, 62, 62)),
    ),
    st.text("0123456789-:TZ ", max_size=8),
)
PARSERS: dict[str, tuple[Callable[[object], object], st.SearchStrategy[str]]] = {
    "bigint": (values.to_int64, NUMBERS),
    "int": (values.to_int32, NUMBERS),
    "decimal(18,2)": (values.to_amount, NUMBERS),
    "timestamp": (values.to_timestamp, TIMES),
    "date": (values.to_date, TIMES),
}


@pytest.mark.parametrize("physical_type", PARSERS)
@settings(max_examples=5, phases=NO_SHRINKING)
@given(data=st.data())
def test_any_text_becomes_what_the_oracle_reads(
    spark: "SparkSession", physical_type: str, data: st.DataObject
) -> None:
    parse, strategy = PARSERS[physical_type]
    given_texts = data.draw(st.lists(strategy, min_size=50, max_size=100))

    made = typed(spark, physical_type, given_texts)

    expected = {text: as_printed(parse(text)) for text in given_texts}
    assert {text: value for text, value in made.items() if value != expected[text]} == {}


def cast(spark: "SparkSession", *rows: dict[str, str]) -> list[dict[str, Any]]:
    orders = load(Address.parse("ecommerce.silver.orders"))
    bronze = frame(spark, {**dict.fromkeys(orders.column_names, "string"), "_source_row": "bigint"}, rows)
    return [row.asDict() for row in cast_columns(bronze, orders).orderBy("_source_row").collect()]


GOOD = {
    "order_num": "1",
    "order_id": "900.0",
    "user_id": "7",
    "order_timestamp": "2025-04-01T10:00:00",
    "total_amount": "12.5",
    "date": "2025-04-01",
    "_source_row": "2",
}


def test_each_broken_rule_of_a_row_in_the_order_of_the_columns(spark: "SparkSession") -> None:
    rows = cast(
        spark,
        GOOD,
        {**GOOD, "_source_row": "3", "total_amount": "n/a", "user_id": " "},
        {**GOOD, "_source_row": "4", "order_num": "", "order_id": ""},
        {**GOOD, "_source_row": "5", "order_num": "one"},
        {"_source_row": "6"},
    )

    required = [f"required:{name}" for name in GOOD if name not in {"order_num", "_source_row"}]
    assert [row[RULES] for row in rows] == [
        [],
        ["required:user_id", "type:total_amount"],
        ["required:order_id"],
        ["type:order_num"],
        required,
    ]


def test_the_text_is_kept_as_it_came(spark: "SparkSession") -> None:
    (row,) = cast(spark, {**GOOD, "total_amount": " n/a", "user_id": ""})

    kept = {name: text for name, text in GOOD.items() if name not in {"_source_row", "user_id"}}
    assert json.loads(row[RAW]) == {**kept, "total_amount": " n/a"}


def test_types_are_the_contracts_and_other_columns_stay(spark: "SparkSession") -> None:
    contract = contract_of(
        "prices",
        {"name": "id", "physicalType": "int"},
        {"name": "price", "logicalType": "number", "physicalType": "decimal(9,3)"},
        {"name": "rate", "logicalType": "number", "physicalType": "double"},
    )
    bronze = frame(
        spark,
        {"_source_row": "bigint", "rate": "string", "price": "string", "id": "string"},
        [{"_source_row": 2, "id": "1.0", "price": "1.0005", "rate": "0.25"}],
    )

    made = cast_columns(bronze, contract)

    assert dict(made.dtypes) | {RULES: ""} == {
        "id": "int",
        "price": "decimal(9,3)",
        "rate": "double",
        "_source_row": "bigint",
        RAW: "string",
        RULES: "",
    }
    assert texts(made, ["id", "price", "rate", "_source_row"]) == [
        {"id": "1", "price": "1.001", "rate": "0.25", "_source_row": "2"}
    ]
