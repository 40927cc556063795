"""Tables made a second time from what was delivered are the same; damage is found, and mended by the switch."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.steps.compare_replay import Compared, ReplayError, read_comparison
from lakehouse.steps.replay import replay
from lakehouse.steps.run import Run
from lakehouse.storage.documents import read_document
from tests.lakehouse.steps.archived import run_and_archive
from tests.lakehouse.steps.lake import GOLD, SILVER, Lake, printed
from tests.lakehouse.steps.orders import order
from tests.oracle.ecommerce import Delivery, calculate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(3600)

SOURCES = ("archive", "bronze")
BOOKS = {"product_id": 1, "department_id": 3, "department": "Books", "product_name": "Pen"}
TOYS = BOOKS | {"department_id": 4, "department": "Toys"}
APRIL_2 = {"order_timestamp": "2025-04-02T10:00:00", "date": "2025-04-02"}


def line(line_id: int, order_id: int, **fields: object) -> dict[str, object]:
    whole = {
        "id": line_id,
        "order_id": order_id,
        "user_id": 7,
        "days_since_prior_order": 1,
        "product_id": 1,
        "add_to_cart_order": 1,
        "reordered": 0,
        "order_timestamp": "2025-04-01T10:00:00",
        "date": "2025-04-01",
    }
    return whole | fields


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
            (*one.partition.values(), one.rows.only_live, one.rows.only_replayed) for one in table.found.differences
        ]
        for address, table in tables(run).items()
        if not table.found.is_equal
    }


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
    runs = [replayed(archived, f"{source}_{n}", source) for source in SOURCES for n in range(2)]

    for run in runs:
        assert differing(run) == {}
        assert all(table.found.rows.live for address, table in tables(run).items() if ".rejected." not in address)
    hashes = [{a: table.found.replayed_hash for a, table in tables(run).items()} for run in runs]
    of_bronze = [address for address in hashes[0] if ".bronze." in address]
    assert len(of_bronze) == 3, "bronze itself is made anew of the archive alone"
    for found in hashes[1:]:
        assert found == {address: hashes[0][address] for address in found}
    assert archived.versions() == before, "nothing that anybody reads has changed"
    assert len({*hashes[0].values()}) == len(hashes[0])
