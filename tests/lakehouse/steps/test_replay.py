"""Tables made a second time from what was delivered are the same; damage is found, and mended by the switch."""

import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from lakehouse.steps.compare_replay import Compared, ReplayError, read_comparison
from lakehouse.steps.replay import replay
from lakehouse.steps.run import Run
from lakehouse.storage.documents import read_document
from tests.lakehouse.steps.archived import run_and_archive
from tests.lakehouse.steps.lake import GOLD, SILVER, Lake, printed
from tests.lakehouse.steps.orders import line, order
from tests.oracle.ecommerce import Delivery, calculate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(3600)

BOOKS = {"product_id": 1, "department_id": 3, "department": "Books", "product_name": "Pen"}
TOYS = BOOKS | {"department_id": 4, "department": "Toys"}
APRIL_2 = {"order_timestamp": "2025-04-02T10:00:00", "date": "2025-04-02"}


DELIVERIES = [
    # A product, of which a later delivery says other things; a line whose order is not there; a bad amount.
    Delivery(
        [
            ("products", [BOOKS]),
            ("orders", [order(1), order(2, "7.50", 1) | APRIL_2, order(9, "n/a")]),
            ("order_items", [line(1, 1), line(2, 2, **APRIL_2), line(3, 3, **APRIL_2)]),
        ]
    ),
    Delivery(
        [
            ("products", [TOYS]),
            ("orders", [order(1, "9.99", 5), order(3, "1.00", 6) | APRIL_2]),
            ("order_items", [line(4, 404)]),
        ]
    ),
]
LAST = Delivery(
    [
        ("products", []),
        ("orders", [order(2, "8.00", 30) | {"order_timestamp": "2025-04-02T11:00:00", "date": "2025-04-02"}]),
        ("order_items", [line(5, 404, date="2025-04-02")]),
    ]
)


def deliver(lake: Lake, delivery: Delivery, name: str) -> None:
    for dataset, rows in delivery.files:
        if rows:
            lake.deliver(dataset, f"{name}.csv", rows)


@pytest.fixture(scope="module")
def archived(spark: "SparkSession", s3: "S3Client") -> Lake:
    """Two deliveries, loaded and put away, the first of them once more under another name."""
    lake = Lake.of_its_own(spark, s3)
    for number, delivery in enumerate(DELIVERIES):
        deliver(lake, delivery, f"delivery_{number}")
        run_and_archive(lake, f"run_{number}", rejected_share_limit=1.0)
        time.sleep(1.1)  # S3 tells the time of a delivery in seconds
    deliver(lake, DELIVERIES[0], "sent_again")
    run_and_archive(lake, "run_again")
    return lake


def replayed(lake: Lake, run_id: str, source: Any, **options: Any) -> Run:
    run = lake.a_run(run_id, source=source, rejected_share_limit=1.0, **options)
    replay(lake.spark, run)
    return run


def tables(run: Run) -> dict[str, Compared]:
    return read_comparison(run)[0]


def differing(run: Run) -> dict[str, list[Any]]:
    """Table → its partitions that differ, each with rows only live and only replayed."""
    return {
        address.removeprefix("ecommerce."): [
            (*one.partition.values(), one.rows.only_live, one.rows.only_replayed)
            for one in table.found.differences
        ]
        for address, table in tables(run).items()
        if not table.found.is_equal
    }


def damage(lake: Lake, address: str, sql: str) -> None:
    """A commit of somebody who knows nothing of publications."""
    table = lake.uri(Address.parse(f"ecommerce.{address}"))
    lake.spark.sql(sql.format(table=f"delta.`{table}`"))


def switch(lake: Lake, run: Run) -> None:
    replay(lake.spark, replace(run, switch=True))


def assert_equal_to_oracle(lake: Lake, *deliveries: Delivery) -> None:
    expected = calculate(deliveries)
    for address in SILVER:
        assert lake.rows(address) == printed(expected.silver[address.partition(".")[2]]), address
    for address in GOLD:
        assert lake.rows(address) == printed(expected.gold[address.partition(".")[2]]), address
    for name, rows in expected.rejected.items():
        assert lake.table(f"rejected.{name}").count() == len(rows), name


def test_the_same_input_gives_the_same_hashes(archived: Lake) -> None:
    before = archived.versions()
    runs = [
        replayed(archived, f"same_{n}", source) for n, source in enumerate(("archive", "bronze", "archive"))
    ]

    for run in runs:
        assert differing(run) == {}
        assert all(
            table.found.rows.live for address, table in tables(run).items() if ".rejected." not in address
        )
    hashes = [{a: table.found.replayed_hash for a, table in tables(run).items()} for run in runs]
    of_bronze = [address for address in hashes[0] if ".bronze." in address]
    assert len(of_bronze) == 3, "bronze itself is made anew of the archive alone"
    for found in hashes[1:]:
        assert found == {address: hashes[0][address] for address in found}
    assert archived.versions() == before, "nothing that anybody reads has changed"
    told = {
        address: found for address, found in hashes[0].items() if tables(runs[0])[address].found.rows.live
    }
    assert len({*told.values()}) == len(told), "tables of other rows have other hashes"


def test_damage_is_found_where_it_is_and_mended_by_the_switch(archived: Lake) -> None:
    lake = archived
    damage(lake, "silver.orders", "UPDATE {table} SET total_amount = 1 WHERE order_id = 1")
    damage(lake, "gold.daily_sales", "DELETE FROM {table} WHERE date = '2025-04-02'")
    damage(lake, "rejected.order_items", "DELETE FROM {table}")
    before = lake.versions()

    run = replayed(lake, "damaged", "bronze")

    assert differing(run) == {
        "silver.orders": [("2025-04-01", 1, 1)],
        "gold.daily_sales": [("2025-04-02", 0, 1)],
        "rejected.order_items": [(0, 1)],
    }
    assert lake.versions() == before, "comparing mends nothing"

    switch(lake, run)
    after = lake.versions()
    assert_equal_to_oracle(lake, *DELIVERIES)
    moved = {address for address, version in after.items() if version != before[address]}
    # Tables of gold say which silver they were made of; what is made of neither table is left alone.
    assert {
        address for address in before if ".bronze." in address or address.endswith(".products")
    }.isdisjoint(moved)
    manifest = read_document(lake.a_run("any").manifest_document("latest"))
    assert manifest["run_id"] == "damaged"
    assert manifest["tables"] == {address: after[address] for address in manifest["tables"]}
    assert {*manifest["tables"]} >= {f"ecommerce.{name}" for name in (*SILVER, *GOLD)}

    switch(lake, run)
    assert lake.versions() == after, "switching twice changes nothing"
    made = lake.run("nothing_left_to_do")
    assert {table["outcome"] for layer in made.values() for table in layer.values()} == {"nothing_new"}


@pytest.mark.slow
def test_files_that_bronze_lost_come_back_from_the_archive(archived: Lake) -> None:
    lake = archived
    damage(lake, "bronze.orders", "DELETE FROM {table} WHERE order_id = '3'")
    run = replayed(lake, "lost", "archive")
    ((_, only_live, only_replayed),) = differing(run).pop("bronze.orders")
    assert (only_live, only_replayed) == (0, 1)
    assert len(differing(run)) == 1, "what was made of bronze before is right"

    switch(lake, run)

    assert differing(replayed(lake, "found", "archive")) == {}
    made = lake.run("nothing_left_to_do_again")
    assert {table["outcome"] for layer in made.values() for table in layer.values()} == {"nothing_new"}


@pytest.mark.slow
def test_dates_limit_what_gold_replays(archived: Lake) -> None:
    lake = archived
    damage(lake, "gold.daily_sales", "UPDATE {table} SET total_sales = 0")
    run = replayed(lake, "one_date", "bronze", dates=(date(2025, 4, 2),))
    assert differing(run) == {"gold.daily_sales": [("2025-04-02", 1, 1)]}

    switch(lake, run)

    sales = {row["date"]: row["total_sales"] for row in lake.rows("gold.daily_sales")}
    assert sales == {"2025-04-01": "0.00", "2025-04-02": "8.50"}
    run = replayed(lake, "the_other_date", "bronze", dates=(date(2025, 4, 1), date(2025, 4, 2)))
    assert differing(run) == {"gold.daily_sales": [("2025-04-01", 1, 1)]}
    switch(lake, run)
    assert_equal_to_oracle(lake, *DELIVERIES)


@pytest.mark.slow
def test_a_replay_that_died_goes_on(archived: Lake) -> None:
    lake = archived
    run = lake.a_run("died", source="archive", rejected_share_limit=1.0)
    for layer in ("bronze", "silver"):
        lake.candidate(layer, replace(run, attempt="given_up"))
        lake.candidate(layer, run)
        lake.publish(layer, run)

    replay(lake.spark, replace(run, attempt="again"))
    assert differing(run) == {}


@pytest.mark.slow
def test_a_delivery_after_the_switch_ends_as_without_it(archived: Lake) -> None:
    lake = archived
    run = replayed(lake, "overtaken", "bronze")
    damage(lake, "silver.products", "DELETE FROM {table}")
    damaged = replayed(lake, "before_the_last", "archive")
    switch(lake, damaged)

    deliver(lake, LAST, "last")
    lake.run("last", rejected_share_limit=1.0)

    assert_equal_to_oracle(lake, *DELIVERIES, LAST)
    with pytest.raises(ReplayError, match=r"has changed since it was compared: replay again"):
        switch(lake, run)
    # The files of the last run are not put away yet: a switch would take them out of bronze.
    too_soon = replayed(lake, "too_soon", "archive")
    versions = lake.versions()
    with pytest.raises(
        ReplayError, match=r"bronze\.order\w+ holds 1 files that raw/archive/ has not: run the DAG"
    ):
        switch(lake, too_soon)
    assert lake.versions() == versions
