"""What a file stands for: an increment upserts, a file may replace its namesake, a snapshot is the whole table."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contract import tables
from lakehouse.steps.publish import publish
from lakehouse.steps.run import Run
from lakehouse.storage.documents import read_document
from tests.lakehouse.contract_files import declare_in, document
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import STEPS, Lake

pytestmark = pytest.mark.timeout(1800)

MODES = ("increment", "replace_by_name", "full_snapshot")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A domain with one table of each mode, all of (id, price)."""
    text = {"logicalType": "string", "physicalType": "string"}
    declare = declare_in(tmp_path, monkeypatch)
    for mode in MODES:
        declare(
            document(mode, {"name": "id", **text}, {"name": "price", **text}, layer="bronze"), layer="bronze"
        )
        declare(
            document(
                mode,
                {"name": "id", "required": True, "primaryKey": True, "primaryKeyPosition": 1},
                {"name": "price", "required": True},
                delivery=mode,
                inputs=[f"shop.bronze.{mode}"],
                rejectedShareLimit=1,
            )
        )
    yield
    tables.cache_clear()


def run(lake: Lake, run_id: str, files: dict[str, str], **options: Any) -> None:
    """Deliver the files to every table, and bring bronze and silver up to date."""
    for mode in MODES:
        for name, content in files.items():
            lake.deliver(mode, name, content.encode())
    run = Run("shop", run_id, {"*": lake.bucket}, f"s3://{lake.bucket}/scripts/expectations", **options)
    for layer in ("bronze", "silver"):
        STEPS[layer](lake.spark, run)
        publish(lake.spark, replace(run, layer=layer))


def prices(lake: Lake) -> dict[str, dict[str | None, str | None]]:
    """Id → price in each table."""
    found = {}
    for mode in MODES:
        table = lake.spark.read.format("delta").load(f"s3://{lake.bucket}/silver/{mode}")
        found[mode] = {row["id"]: row["price"] for row in texts(table, ["id", "price"])}
    return found


def test_each_mode(new_lake: Lake, shop: None) -> None:
    run(new_lake, "first", {"a.csv": "id,price\n1,10\n2,20\n", "b.csv": "id,price\n3,30\nx,99\n"})
    everything = {"1": "10", "2": "20", "3": "30"}
    seen = prices(new_lake)
    assert seen["increment"] == seen["replace_by_name"] == everything

    time.sleep(1.1)
    run(new_lake, "second", {"a.csv": "id,price\n2,21\n4,40\n"})

    assert prices(new_lake) == {
        "increment": {"1": "10", "2": "21", "3": "30", "4": "40"},
        "replace_by_name": {"2": "21", "3": "30", "4": "40"},
        "full_snapshot": {"2": "21", "4": "40"},
    }


def test_what_is_replaced_is_superseded(new_lake: Lake, shop: None) -> None:
    """Every row of every delivery is counted, and none of a replaced delivery stays rejected."""
    run(new_lake, "first", {"a.csv": "id,price\n1,10\n,20\n"})
    time.sleep(1.1)
    run(new_lake, "second", {"a.csv": "id,price\n1,11\n2,21\n"})

    told = read_document(f"s3://{new_lake.bucket}/metadata/runs/second/silver/candidate.json")["tables"]
    nothing = {"published": 0, "deduplicated": 0, "superseded": 0, "rejected": 0}
    replacing = {**nothing, "read": 4, "published": 2, "superseded": 2}
    assert {mode: told[mode]["counts"] for mode in ("replace_by_name", "full_snapshot")} == {
        "replace_by_name": replacing,
        "full_snapshot": replacing,
    }
    refused = {
        mode: new_lake.spark.read.format("delta").load(f"s3://{new_lake.bucket}/rejected/{mode}").count()
        for mode in MODES
    }
    assert refused == {"increment": 1, "replace_by_name": 0, "full_snapshot": 0}
