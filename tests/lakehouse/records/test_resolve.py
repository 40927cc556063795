"""What becomes of every version of a record: each row of a test stands beside the status that it must get."""

from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.contract import LINEAGE, load
from lakehouse.records.cast import RULES
from lakehouse.records.resolve import CATEGORY, CORRECTED, RULE, STATUS, resolve
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PUBLISHED, DEDUPLICATED, SUPERSEDED = "published", "deduplicated", "superseded"
DUPLICATE = "quality duplicate_key"
EARLY, LATE = "2025-04-01T20:00:00", "2025-04-02T20:00:00"
MORNING, NOON = "2025-04-01T10:00:00", "2025-04-01T12:00:00"

type Row = dict[str, object]

SOURCE = {"_delivered_at": EARLY, "_source_hash": "a", "_source_sheet": ""}
DEFAULTS: dict[str, Row] = {
    "order_items": {
        "id": 1,
        "order_id": 900,
        "user_id": 7,
        "product_id": 5,
        "add_to_cart_order": 1,
        "reordered": 0,
        "order_timestamp": MORNING,
        "date": "2025-04-01",
        **SOURCE,
    },
    "orders": {
        "order_num": 1,
        "order_id": 900,
        "user_id": 7,
        "order_timestamp": MORNING,
        "total_amount": "5.00",
        "date": "2025-04-01",
        **SOURCE,
    },
    "products": {
        "product_id": 5,
        "department_id": 1,
        "department": "Books",
        "product_name": "Atlas",
        **SOURCE,
    },
}


def check(spark: "SparkSession", table: str, *rows: tuple[str, Row]) -> None:
    """Resolve the rows, given as (expected, differences from the defaults), and compare.

    Expected is the status, for a rejected row its category and rule and whether it was corrected since.
    A row's `rules` are separated by blanks.
    """
    contract = load(Address("ecommerce", "silver", table))
    types = {column.name: column.physicalType for column in contract.columns}
    numbered = [
        {**DEFAULTS[table], "_source_row": number, **row, "number": number}
        for number, (_, row) in enumerate(rows, start=2)
    ]
    given = frame(spark, {**types, **LINEAGE, "number": "int", "rules": "string"}, numbered)
    broken = f"filter(split(coalesce(rules, ''), ' '), rule -> rule <> '') as {RULES}"

    judged = resolve(given.selectExpr("*", broken), contract)

    assert set(judged.columns) == {*given.columns, RULES, STATUS, RULE, CATEGORY, CORRECTED}
    found = [
        (f"{row[CATEGORY]} {row[RULE]}" if row[STATUS] == "rejected" else row[STATUS])
        + (", corrected" if row[CORRECTED] else "")
        for row in judged.orderBy("number").collect()
    ]
    assert found == [expected for expected, _ in rows]


def test_a_record_that_came_once(spark: "SparkSession") -> None:
    check(spark, "orders", (PUBLISHED, {}), (PUBLISHED, {"order_id": 901}))


def test_the_newest_version_wins_wherever_it_stands(spark: "SparkSession") -> None:
    check(
        spark,
        "orders",
        (SUPERSEDED, {"order_timestamp": MORNING, "_delivered_at": LATE}),
        (PUBLISHED, {"order_timestamp": NOON, "_delivered_at": EARLY}),
        (SUPERSEDED, {"order_timestamp": "2025-03-31T10:00:00", "_delivered_at": LATE}),
    )


def test_an_order_of_one_timestamp_is_corrected_by_a_later_delivery(spark: "SparkSession") -> None:
    check(
        spark,
        "orders",
        (PUBLISHED, {"total_amount": "4.00", "_delivered_at": LATE}),
        (SUPERSEDED, {"total_amount": "5.00", "_delivered_at": EARLY}),
    )


def test_rows_that_are_equal_in_every_column_are_repeats(spark: "SparkSession") -> None:
    check(
        spark,
        "order_items",
        (PUBLISHED, {"_delivered_at": LATE, "_source_hash": "z"}),
        (DEDUPLICATED, {"_delivered_at": EARLY}),
        (DEDUPLICATED, {"_delivered_at": EARLY}),
        # Of the losers too, the first counts and its repeat does not.
        (DUPLICATE, {"id": 2, "add_to_cart_order": 2}),
        (DEDUPLICATED, {"id": 2, "add_to_cart_order": 2}),
        (SUPERSEDED, {"order_timestamp": "2025-03-01T00:00:00"}),
        (DEDUPLICATED, {"order_timestamp": "2025-03-01T00:00:00"}),
    )


def test_nulls_are_equal_to_nulls(spark: "SparkSession") -> None:
    check(
        spark,
        "order_items",
        (PUBLISHED, {"days_since_prior_order": ""}),
        (DEDUPLICATED, {"days_since_prior_order": ""}),
        (DUPLICATE, {"days_since_prior_order": 0}),
    )


def test_of_one_orders_lines_of_a_product_the_lowest_position_wins(spark: "SparkSession") -> None:
    check(
        spark,
        "order_items",
        (DUPLICATE, {"id": 1, "add_to_cart_order": 10}),
        (PUBLISHED, {"id": 3, "add_to_cart_order": 2}),
        (DUPLICATE, {"id": 2, "add_to_cart_order": 3}),
        (PUBLISHED, {"id": 4, "product_id": 6, "add_to_cart_order": 1}),
    )


def test_of_one_position_the_lowest_id_then_the_last_delivery_wins(spark: "SparkSession") -> None:
    check(
        spark,
        "order_items",
        (DUPLICATE, {"id": 20, "_delivered_at": LATE}),
        (DUPLICATE, {"id": 3, "reordered": 1, "_delivered_at": EARLY}),
        (PUBLISHED, {"id": 3, "reordered": 0, "_delivered_at": LATE}),
    )


@pytest.mark.parametrize(
    ("column", "wins", "loses"),
    [
        ("order_num", 2, 1),
        ("order_num", 10, 9),
        ("order_num", -5, ""),
        ("total_amount", "10.00", "9.00"),
        ("total_amount", "-1.00", "-2.00"),
        ("user_id", 8, 7),
        ("date", "2025-04-02", "2025-04-01"),
    ],
)
def test_tie_breaks_of_orders(spark: "SparkSession", column: str, wins: object, loses: object) -> None:
    check(spark, "orders", (DUPLICATE, {column: loses}), (PUBLISHED, {column: wins}))


def test_tie_breaks_come_in_the_contracts_order(spark: "SparkSession") -> None:
    check(
        spark,
        "orders",
        (DUPLICATE, {"order_num": 1, "total_amount": "9.00", "user_id": 9, "date": "2025-04-09"}),
        (PUBLISHED, {"order_num": 2, "total_amount": "1.00", "user_id": 1, "date": "2025-04-01"}),
        (DUPLICATE, {"order_id": 901, "total_amount": "1.00", "user_id": 9, "date": "2025-04-09"}),
        (PUBLISHED, {"order_id": 901, "total_amount": "2.00", "user_id": 1, "date": "2025-04-01"}),
        (DUPLICATE, {"order_id": 902, "user_id": 1, "date": "2025-04-09"}),
        (PUBLISHED, {"order_id": 902, "user_id": 2, "date": "2025-04-01"}),
    )


def test_products_are_as_new_as_their_delivery(spark: "SparkSession") -> None:
    check(
        spark,
        "products",
        (SUPERSEDED, {"department_id": 9}),
        (PUBLISHED, {"product_name": "Atlas_New", "_delivered_at": LATE}),
        (DUPLICATE, {"product_name": "Atlas", "_delivered_at": LATE}),
        (DUPLICATE, {"product_id": 6, "department_id": 1, "department": "Toys"}),
        (PUBLISHED, {"product_id": 6, "department_id": 2, "department": "Books"}),
    )


def test_a_row_that_breaks_a_rule_does_not_compete(spark: "SparkSession") -> None:
    check(
        spark,
        "orders",
        (
            "schema type:total_amount",
            {"order_timestamp": NOON, "total_amount": "", "rules": "type:total_amount"},
        ),
        (PUBLISHED, {}),
        # Refused twice, not deduplicated: each has its place in the source.
        ("quality required:user_id", {"user_id": "", "rules": "required:user_id"}),
        ("quality required:user_id", {"user_id": "", "rules": "required:user_id"}),
    )


def test_a_refused_row_is_corrected_by_a_good_one_that_comes_later(spark: "SparkSession") -> None:
    refused: Row = {"user_id": "", "rules": "required:user_id"}
    check(
        spark,
        "orders",
        ("quality required:user_id, corrected", {**refused, "_delivered_at": EARLY}),
        (PUBLISHED, {"order_timestamp": NOON, "_delivered_at": EARLY}),
        (SUPERSEDED, {"order_timestamp": MORNING, "_delivered_at": LATE}),
        ("quality required:user_id", {**refused, "_delivered_at": LATE}),
        ("quality required:user_id", {**refused, "order_id": 901}),
    )


def test_rows_without_a_key_are_no_versions_of_each_other(spark: "SparkSession") -> None:
    broken: Row = {"order_id": "", "rules": "required:order_id"}
    check(
        spark,
        "orders",
        ("quality required:order_id", broken),
        ("quality required:order_id", {**broken, "order_timestamp": NOON}),
    )


def test_the_first_broken_rule_is_the_reason(spark: "SparkSession") -> None:
    check(
        spark,
        "order_items",
        ("schema type:id", {"rules": "type:id required:user_id reference:order_id"}),
        ("referential reference:order_id", {"rules": "reference:order_id reference:product_id"}),
        ("quality required:date", {"rules": "required:date"}),
    )


def test_the_place_in_the_source_ends_every_tie(spark: "SparkSession") -> None:
    """Lines that differ in columns that no tie-break names: one wins, and the same one in any order."""
    rows: list[tuple[str, Row]] = [
        (DUPLICATE, {"reordered": 0, "_source_hash": "b", "_source_row": 2}),
        (DUPLICATE, {"reordered": 1, "_source_hash": "a", "_source_sheet": "2", "_source_row": 2}),
        (
            DUPLICATE,
            {"days_since_prior_order": 8, "_source_hash": "a", "_source_sheet": "1", "_source_row": 10},
        ),
        (
            PUBLISHED,
            {"days_since_prior_order": 9, "_source_hash": "a", "_source_sheet": "1", "_source_row": 9},
        ),
    ]
    check(spark, "order_items", *rows)
    check(spark, "order_items", *reversed(rows))
