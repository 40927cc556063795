"""Rows that were refused by a mistaken rule are judged again when it is corrected, those that a run selects."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from lakehouse.contract import tables
from lakehouse.records import cast
from lakehouse.release import Release
from lakehouse.steps.publish import publish
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.documents import read_document
from tests.lakehouse.contract_files import Declare, declare_in, document
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import STEPS, Lake, in_order

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.timeout(1800)

MISTAKEN_ID, MISTAKEN_PRICE = r"^\d{1,9}$", r"^\d{1,2}$"
"""Neither an id of three thousand millions nor a price of a hundred parses."""

BEFORE = "id,price\n3000000000,10\n"
MEANWHILE = "id,price\n1,12345\n2,5\n3000000000,20\n4000000000,40\nx,7\n"
OTHER = "id,price\n5,99999\n,8\n"


@pytest.fixture(scope="module")
def declare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Declare]:
    with pytest.MonkeyPatch.context() as patch:
        yield declare_in(tmp_path_factory.mktemp("contracts"), patch)
    tables.cache_clear()


@contextmanager
def mistaken_rules() -> Iterator[None]:
    """The engine reads numbers wrongly, until it is corrected."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cast, "_WHOLE_NUMBER", MISTAKEN_ID)
        patch.setitem(cast._SHAPES, "decimal", MISTAKEN_PRICE)
        yield


def state_contracts(declare: Declare) -> None:
    text = {"logicalType": "string", "physicalType": "string"}
    declare(
        document("orders", {"name": "id", **text}, {"name": "price", **text}, layer="bronze"), layer="bronze"
    )
    key = {"required": True, "primaryKey": True, "primaryKeyPosition": 1}
    declare(
        document(
            "orders",
            {"name": "id", "physicalType": "bigint", **key},
            {"name": "price", "logicalType": "number", "physicalType": "decimal(18,2)", "required": True},
            inputs=["shop.bronze.orders"],
            rejectedShareLimit=1,
        )
    )


def a_run(lake: Lake, run_id: str, **options: Any) -> Run:
    return Run("shop", run_id, {"*": lake.bucket}, f"s3://{lake.bucket}/scripts/expectations", **options)


def candidate(lake: Lake, layer: str, run: Run) -> dict[str, Any]:
    STEPS[layer](lake.spark, run)
    made: dict[str, Any] = read_document(run.candidate_document(layer))["tables"]["orders"]
    return made


def take_in(lake: Lake, run_id: str, **options: Any) -> dict[str, Any]:
    """Bring bronze and silver up to date; returns silver's candidate."""
    run = a_run(lake, run_id, **options)
    for layer in ("bronze", "silver"):
        made = candidate(lake, layer, run)
        publish(lake.spark, replace(run, layer=layer))
    return made


def with_a_mistake(lake: Lake, declare: Declare) -> Lake:
    """One order came before the mistake, seven while it lasted; now the rules are right again."""
    state_contracts(declare)
    lake.deliver("orders", "before.csv", BEFORE.encode())
    take_in(lake, "before")
    time.sleep(1.1)  # S3 tells when a file came by the second
    lake.deliver("orders", "meanwhile.csv", MEANWHILE.encode())
    lake.deliver("orders", "other.csv", OTHER.encode())
    with mistaken_rules():
        take_in(lake, "mistaken")
    return lake


def table(lake: Lake, layer: str) -> Any:
    return lake.spark.read.format("delta").load(f"s3://{lake.bucket}/{layer}/orders")


def prices(lake: Lake) -> dict[str | None, str | None]:
    return {row["id"]: row["price"] for row in texts(table(lake, "silver"), ["id", "price"])}


def refused(lake: Lake) -> list[tuple[str, int, str]]:
    """File, row and rule of each row in rejected/."""
    rows = table(lake, "rejected").selectExpr("_source_file", "_source_row", "rule").collect()
    return sorted((row[0].rpartition("/")[2], row[1], row[2]) for row in rows)


def versions(lake: Lake) -> list[int | None]:
    return [delta_log.version(f"s3://{lake.bucket}/{layer}/orders") for layer in ("silver", "rejected")]


def test_what_is_right_now_moves_to_silver_and_counts_add_up(new_lake: Lake, declare: Declare) -> None:
    """A release of one file, then of all the rest."""
    lake = with_a_mistake(new_lake, declare)
    assert prices(lake) == {"3000000000": "10.00", "2": "5.00"}
    assert refused(lake) == [
        ("meanwhile.csv", 2, "type:price"),
        ("meanwhile.csv", 4, "type:id"),
        ("meanwhile.csv", 5, "type:id"),
        ("meanwhile.csv", 6, "type:id"),
        ("other.csv", 2, "type:price"),
        ("other.csv", 3, "required:id"),
    ]

    one_file = take_in(lake, "one file", release=Release(table="orders", file="other.csv"))

    assert one_file["counts"] == counts(read=2, published=1, rejected=1)
    assert prices(lake) == {"3000000000": "10.00", "2": "5.00", "5": "99999.00"}
    assert [row[0] for row in refused(lake)] == ["meanwhile.csv"] * 4 + ["other.csv"]

    rest = take_in(lake, "rest", release=Release(table="orders"))

    # Row 4 had no key; now it is the newer row of the order that came before.
    assert rest["counts"] == counts(read=6, published=3, superseded=1, rejected=2)
    everything = {"1": "12345.00", "2": "5.00", "5": "99999.00", "3000000000": "20.00"}
    assert prices(lake) == {**everything, "4000000000": "40.00"}
    assert refused(lake) == [("meanwhile.csv", 6, "type:id"), ("other.csv", 3, "required:id")]
    assert table(lake, "bronze").count() == 8 == 5 + 1 + 2, "published, superseded, rejected"
    released = whole(lake)

    take_in(lake, "whole", full_refresh=True)

    assert whole(lake) == released, "as if all had been judged by the right rules"


def counts(**found: int) -> dict[str, int]:
    none = dict.fromkeys(("read", "published", "deduplicated", "superseded", "rejected"), 0)
    return none | found


def whole(lake: Lake) -> list[Any]:
    """Every row of silver and rejected/, but for when and by which run it was taken in."""
    found = []
    for layer in ("silver", "rejected"):
        frame = table(lake, layer).drop("_ingested_at", "run_id")
        found.append(in_order(texts(frame)))
    return found


def test_a_candidate_that_is_made_anew_releases_as_well(new_lake: Lake, declare: Declare) -> None:
    lake = with_a_mistake(new_lake, declare)
    run = a_run(lake, "release", release=Release(table="orders", rule="type:price"), layer="silver")
    candidate(lake, "silver", run)
    lake.deliver("orders", "daily.csv", b"id,price\n6,60\n")
    take_in(lake, "daily")

    publish(lake.spark, run)

    assert prices(lake).items() >= {"1": "12345.00", "5": "99999.00", "6": "60.00"}.items()
    before = versions(lake)
    publish(lake.spark, run)
    assert versions(lake) == before, "published twice"


@pytest.fixture(scope="module")
def mistaken(spark: "SparkSession", s3: "S3Client", declare: Declare) -> Lake:
    """After the mistake, before any release; its tests make candidates and publish none that changes a row."""
    bucket = f"release-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    return with_a_mistake(Lake(spark, s3, bucket), declare)


@pytest.mark.parametrize(
    ("selection", "read"),
    [
        ({}, {"read": 7, "published": 4, "superseded": 1, "rejected": 2}),
        ({"rule": "type:id"}, {"read": 4, "published": 2, "superseded": 1, "rejected": 1}),
        ({"category": "schema", "file": "other.csv"}, {"read": 1, "published": 1}),
        ({"rule": "type:price", "run_id": "mistaken"}, {"read": 2, "published": 2}),
    ],
    ids=lambda value: "-".join(value) or "all",
)
def test_a_selection(
    mistaken: Lake, declare: Declare, selection: dict[str, Any], read: dict[str, int]
) -> None:
    state_contracts(declare)
    run = a_run(mistaken, f"selection-{uuid4().hex[:8]}", release=Release(table="orders", **selection))
    assert candidate(mistaken, "silver", run)["counts"] == counts(**read)


@pytest.mark.parametrize(
    "release",
    [
        Release(table="orders", run_id="before"),
        Release(table="orders", file="ther.csv"),
        Release(table="products"),
    ],
    ids=["another run", "part of a name", "another table"],
)
def test_a_release_of_nothing_is_nothing_new(mistaken: Lake, declare: Declare, release: Release) -> None:
    state_contracts(declare)
    run = a_run(mistaken, f"nothing-{uuid4().hex[:8]}", release=release)
    assert candidate(mistaken, "silver", run)["outcome"] == "nothing_new"


def test_what_is_still_wrong_stays_and_no_row_changes(mistaken: Lake, declare: Declare) -> None:
    state_contracts(declare)
    before = whole(mistaken)
    uri = f"s3://{mistaken.bucket}/raw/orders/other.csv"

    made = take_in(mistaken, "still", release=Release(table="orders", category="quality", file=uri))

    assert made["counts"] == counts(read=1, rejected=1)
    assert whole(mistaken) == before
