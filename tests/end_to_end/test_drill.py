"""The disaster drill: what is destroyed comes back by the commands of docs/disaster_recovery.md, in so many seconds."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.approval import restore, switch
from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.stack import BUCKET, Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory, deliveries: list[list[Path]]) -> Iterator[Stack]:
    """A lakehouse of two deliveries."""
    with Stack.running(tmp_path_factory.mktemp("drill") / "state") as made:
        for delivery in deliveries[:2]:
            made.must("run", "ecommerce", "--data-dir", delivery[0].parent)
        yield made


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long a recovery took; what it lost is for the comparison that follows to say."""
    started = time.monotonic()
    yield
    sys.stderr.write(f"drill: {what}: recovered in {time.monotonic() - started:.0f} s, no row lost\n")


def keys(stack: Stack, prefix: str) -> list[str]:
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", ()) if entry["Size"]]


def test_deleted_tables_and_a_torn_log(drilled: Stack, deliveries: list[list[Path]]) -> None:
    s3 = drilled.client("s3")
    for prefix in ("gold/daily_sales/", "silver/orders/"):
        for key in keys(drilled, prefix):
            s3.delete_object(Bucket=BUCKET, Key=key)
    newest = max(key for key in keys(drilled, "silver/order_items/_delta_log/") if key.endswith(".json"))
    s3.put_object(Bucket=BUCKET, Key=newest, Body=b'{"torn')
    for name in ("orders", "order_items"):
        with pytest.raises(Exception, match=r"(?i)log|table|json|eof"):
            drilled.table("silver", name).to_pyarrow_table()

    with timed("two tables deleted, a log torn"):
        drilled.must("repair", "ecommerce", "--apply")
        assert_equal_to_oracle(drilled, deliveries[:2])


def test_rows_changed_by_hand(drilled: Stack, deliveries: list[list[Path]]) -> None:
    drilled.must("replay", "ecommerce", "--verify")
    drilled.table("gold", "daily_sales").delete("order_count > 0")
    verified = drilled.run("replay", "ecommerce", "--source", "bronze", "--verify")
    assert verified.returncode == 1
    assert "1 tables differ from their replay: ecommerce.gold.daily_sales" in " ".join(
        verified.stdout.split()
    )

    with timed("rows changed by hand"):
        switch(drilled, "ecommerce", "bronze")
        assert_equal_to_oracle(drilled, deliveries[:2])


def test_a_wrong_delivery(drilled: Stack, deliveries: list[list[Path]]) -> None:
    before = json.loads(drilled.must("manifest", "ecommerce", "--format", "json"))["run_id"]
    drilled.must("run", "ecommerce", "--data-dir", deliveries[2][0].parent)
    assert json.loads(drilled.must("manifest", "ecommerce", "--format", "json"))["run_id"] != before

    with timed("a delivery that should not have been"):
        restore(drilled, "ecommerce", before)
        assert_equal_to_oracle(drilled, deliveries[:2])


def test_airflows_metadata(drilled: Stack, deliveries: list[list[Path]]) -> None:
    drilled.must("down")
    shutil.rmtree(drilled.state_dir / "airflow")

    with timed("Airflow's database lost"):
        drilled.must("up")
        drilled.must("run", "ecommerce", "--data-dir", deliveries[2][0].parent)
        assert_equal_to_oracle(drilled, deliveries)
