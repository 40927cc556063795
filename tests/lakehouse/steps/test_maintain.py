"""Files change, rows do not, and nothing downstream takes it for news."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.steps import upkeep
from lakehouse.steps.maintain import MaintenanceError, maintain
from lakehouse.storage import delta_log
from lakehouse.storage.documents import read_document, write_document
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import Lake, Text, in_order
from tests.lakehouse.steps.orders import order

ADDRESS = Address("ecommerce", "silver", "order_items")
RETENTION = timedelta(days=30)
"""Of its contract."""
type Later = Callable[..., dict[str, Any]]
ROW = {"id": 1, "order_id": 1, "product_id": 1, "date": "2025-04-01", "_source_hash": "a"}


@pytest.fixture
def later(new_lake: Lake) -> Iterator[Later]:
    """Maintain as if 30 days had passed since a moment: Delta's clock says so as well."""
    jvm: Any = new_lake.spark._jvm
    delta_logs = jvm.org.apache.spark.sql.delta.DeltaLog

    def at(moment: datetime, **options: Any) -> dict[str, Any]:
        now = moment + RETENTION
        clock = jvm.org.apache.spark.util.ManualClock(int(now.timestamp() * 1000))
        path = jvm.org.apache.hadoop.fs.Path(new_lake.uri(ADDRESS))
        delta_logs.clearCache()
        delta_logs.forTable(new_lake.spark._jsparkSession, path, clock)
        return upkeep_of(new_lake, "later", started_at=now, **options)

    yield at
    delta_logs.clearCache()


def upkeep_of(lake: Lake, run_id: str = "upkeep", **options: Any) -> dict[str, Any]:
    """Maintain, and return the report."""
    run = lake.a_run(run_id, **options)
    maintain(lake.spark, run)
    return read_document(run.maintenance_document)


def put_lines(lake: Lake, *products: int, day: str = "2025-04-01") -> None:
    """A file of one line each."""
    for product in products:
        lake.put_silver("order_items", ROW | {"id": product, "product_id": product, "date": day})


def data_files(lake: Lake, address: Address = ADDRESS) -> set[str]:
    prefix = f"{address.layer}/{address.table}/"
    pages = lake.s3.get_paginator("list_objects_v2").paginate(Bucket=lake.bucket, Prefix=prefix)
    keys = {entry["Key"] for page in pages for entry in page.get("Contents", ())}
    return {key for key in keys if key.endswith(".parquet") and "/_delta_log/" not in key}


def at_version(lake: Lake, version: int | None) -> list[Text]:
    """The rows of a version, as `Lake.rows` gives those of now."""
    table = lake.spark.read.format("delta").option("versionAsOf", version).load(lake.uri(ADDRESS))
    return in_order(texts(table, load(ADDRESS).column_names))


def a_moment() -> datetime:
    """Now, and neither of the seconds in which S3 says that objects came before it and after."""
    time.sleep(1.1)
    now = datetime.now(UTC)
    time.sleep(1.1)
    return now


def test_small_files_become_one_in_z_order(new_lake: Lake) -> None:
    put_lines(new_lake, 3, 1, 2)
    uri = new_lake.uri(ADDRESS)
    before, rows = delta_log.version(uri), new_lake.rows("silver.order_items")
    assert before is not None

    report = upkeep_of(new_lake)

    after = delta_log.version(uri)
    assert after == before + 1
    assert delta_log.changes(uri, before, after) == delta_log.Changes()
    assert len(new_lake.table("silver.order_items").inputFiles()) == 1
    assert new_lake.rows("silver.order_items") == rows
    operation = delta_log.commit_info(uri, after)["operationParameters"]
    assert operation["zOrderBy"] == '["product_id"]'
    told = report["tables"]["ecommerce.silver.order_items"]
    assert (told["before"]["files"], told["after"]["files"]) == (3, 1)
    assert (told["before"]["small_files"], told["after"]["small_files"]) == (3, 1)
    assert told["before"]["bytes"] > told["after"]["bytes"] > 0
    assert (told["before"]["version"], told["after"]["version"]) == (before, after)
    assert told["before"]["files_without_statistics"] == 0
    assert list(told["actions"]) == ["z_order"]


def test_a_table_without_z_order_is_compacted(new_lake: Lake) -> None:
    for number in (1, 2):
        new_lake.put_silver("orders", {"order_id": number, "date": "2025-04-01", "_source_hash": "a"})

    report = upkeep_of(new_lake)

    told = report["tables"]["ecommerce.silver.orders"]
    assert list(told["actions"]) == ["compact"]
    assert told["after"]["files"] == 1


def test_what_was_done_is_not_done_again(new_lake: Lake) -> None:
    put_lines(new_lake, 1, 2)
    new_lake.put_silver("orders", {"order_id": 1, "date": "2025-04-01", "_source_hash": "a"})
    upkeep_of(new_lake)
    versions = new_lake.versions()

    report = upkeep_of(new_lake, "again")

    assert new_lake.versions() == versions
    assert {address: told["actions"] for address, told in report["tables"].items()} == {
        "ecommerce.silver.order_items": {},
        "ecommerce.silver.orders": {},
    }


def test_only_partitions_with_news_are_rewritten(new_lake: Lake) -> None:
    put_lines(new_lake, 1, 2)
    put_lines(new_lake, 3, 4, day="2025-04-02")
    upkeep_of(new_lake)
    ordered = data_files(new_lake)
    put_lines(new_lake, 5, day="2025-04-02")
    of_the_other_day = {key for key in new_lake.table("silver.order_items").inputFiles() if "04-01" in key}

    report = upkeep_of(new_lake, "again")

    told = report["tables"]["ecommerce.silver.order_items"]["actions"]["z_order"]
    assert (told["files"], told["partitions"]) == (1, 1)
    now = set(new_lake.table("silver.order_items").inputFiles())
    assert of_the_other_day < now
    assert len(now) == 2
    assert ordered < data_files(new_lake), "old versions stay"


def test_files_of_the_size_that_the_contract_wants_are_left(
    new_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        new_lake.put_silver("orders", {"order_id": number, "date": "2025-04-01", "_source_hash": "a"})
    monkeypatch.setattr(upkeep, "_MIB", 10)  # 128 of which are smaller than a file of one row

    report = upkeep_of(new_lake)

    told = report["tables"]["ecommerce.silver.orders"]
    assert told["before"]["small_files"] == 0
    assert told["actions"] == {}


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(new_lake: Lake) -> None:
    put_lines(new_lake, 1, 2)
    versions, files = new_lake.versions(), data_files(new_lake)

    report = upkeep_of(new_lake, dry_run=True)

    assert new_lake.versions() == versions
    assert data_files(new_lake) == files
    told = report["tables"]["ecommerce.silver.order_items"]
    assert (report["dry_run"], list(told["actions"])) == (True, ["z_order"])
    assert told["before"] == told["after"]


def test_only_the_tables_asked_for(new_lake: Lake) -> None:
    put_lines(new_lake, 1, 2)
    new_lake.put_silver("orders", {"order_id": 1, "date": "2025-04-01", "_source_hash": "a"})

    assert set(upkeep_of(new_lake, tables=("orders",))["tables"]) == {"ecommerce.silver.orders"}
    assert set(upkeep_of(new_lake, layer="gold")["tables"]) == set()


def test_vacuum_removes_what_left_the_window_and_nothing_else(new_lake: Lake, later: Later) -> None:
    put_lines(new_lake, 1, 2)
    upkeep_of(new_lake)
    orphan = "silver/order_items/date=2025-04-01/part-of-a-writer-that-died.snappy.parquet"
    new_lake.put(orphan, b"never committed")
    moment = a_moment()
    put_lines(new_lake, 3)
    within, rows = delta_log.version(new_lake.uri(ADDRESS)), new_lake.rows("silver.order_items")
    upkeep_of(new_lake, "again")
    kept_before = data_files(new_lake)

    report = later(moment)

    told = report["tables"]["ecommerce.silver.order_items"]["actions"]["vacuum"]
    assert told["files"] == 3, "two that were rewritten, and one that is of nobody"
    assert told["bytes"] > len(b"never committed")
    left = data_files(new_lake)
    assert (len(kept_before), len(left)) == (6, 3)
    assert left < kept_before
    assert orphan not in left
    assert new_lake.rows("silver.order_items") == rows
    assert at_version(new_lake, within) == rows


@pytest.mark.parametrize("named", ["the manifest", "a publication"])
def test_vacuum_waits_while_a_version_is_in_use(new_lake: Lake, later: Later, named: str) -> None:
    """A rewrite changes no data, so nothing that is published later names the version after it."""
    put_lines(new_lake, 1, 2)
    version, rows = delta_log.version(new_lake.uri(ADDRESS)), new_lake.rows("silver.order_items")
    run = new_lake.a_run("r")
    if named == "the manifest":
        write_document(run.manifest_document("latest"), {"tables": {str(ADDRESS): version}})
    else:
        said = {"candidate": "c", "run_id": "r", "inputs": {str(ADDRESS): version}}
        commit = [{"commitInfo": {"operation": "WRITE", "userMetadata": json.dumps(said)}}]
        new_lake.put(
            f"gold/daily_sales/_delta_log/{0:020d}.json", "\n".join(map(json.dumps, commit)).encode()
        )
    upkeep_of(new_lake, tables=("order_items",))
    files = data_files(new_lake)

    report = later(a_moment(), tables=("order_items",))

    told = report["tables"]["ecommerce.silver.order_items"]
    assert (told["actions"], list(told["put_off"])) == ({}, ["vacuum"])
    assert data_files(new_lake) == files
    assert at_version(new_lake, version) == rows


def test_a_candidate_that_was_made_before_is_made_anew(new_lake: Lake) -> None:
    """A rewrite comes between candidate and publication: compare-and-set tells of it, and nothing is lost."""
    lake = new_lake
    for number in (1, 2):
        lake.deliver("orders", f"{number}.csv", [order(number)])
        done = lake.a_run(f"run-{number}", tables=("orders",))
        for layer in ("bronze", "silver"):
            lake.candidate(layer, done)
            lake.publish(layer, done)
    lake.deliver("orders", "3.csv", [order(1, "9.00", minute=2), order(3)])
    run = lake.a_run("run-3", tables=("orders",))
    lake.candidate("bronze", run)
    lake.publish("bronze", run)
    lake.candidate("silver", run)

    report = upkeep_of(lake)
    lake.publish("silver", run)

    assert "compact" in report["tables"]["ecommerce.silver.orders"]["actions"]
    amounts = {row["order_id"]: row["total_amount"] for row in lake.rows("silver.orders")}
    assert amounts == {"1": "9.00", "2": "5.00", "3": "5.00"}


@pytest.mark.slow
def test_a_publication_that_comes_first_survives(new_lake: Lake, faults: Any) -> None:
    """The rewrite's commit is held until another writer has replaced the files that it rewrote."""
    lake = new_lake
    for number in (1, 2):
        lake.put_silver("orders", {"order_id": number, "date": "2025-04-01", "user_id": 7})
    held = {"service": "s3", "operation": "PutObject", "resource": "*/silver/orders/_delta_log/*.json"}
    faults.replace([{**held, "nth": 1, "fault": "delay", "seconds": 20}])
    with ThreadPoolExecutor(1) as pool:
        rewrite = pool.submit(upkeep_of, lake, tables=("orders",))
        while not faults.firings():
            time.sleep(0.1)
        lake.put_silver(
            "orders", *({"order_id": number, "date": "2025-04-01", "user_id": 8} for number in (1, 2))
        )
        report = rewrite.result()
    faults.clear()

    told = report["tables"]["ecommerce.silver.orders"]
    assert (told["actions"], list(told["put_off"])) == ({}, ["compact"])
    assert [(row["order_id"], row["user_id"]) for row in lake.rows("silver.orders")] == [
        ("1", "8"),
        ("2", "8"),
    ]


def test_a_table_that_cannot_be_maintained_does_not_keep_the_others_from_it(new_lake: Lake) -> None:
    put_lines(new_lake, 1, 2)
    new_lake.put("silver/products/_delta_log/00000000000000000007.json", b"{}")  # its first commits are lost
    run = new_lake.a_run("upkeep")

    with pytest.raises(MaintenanceError, match=r"ecommerce\.silver\.products \(LogExpiredError\)"):
        maintain(new_lake.spark, run)

    report = read_document(run.maintenance_document)
    assert report["failed"] == {"ecommerce.silver.products": "LogExpiredError"}
    assert list(report["tables"]["ecommerce.silver.order_items"]["actions"]) == ["z_order"]
