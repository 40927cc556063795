"""Files change, rows do not, and nothing downstream takes it for news."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lakehouse.address import Address
from lakehouse.steps.optimize import optimize
from lakehouse.storage import delta_log

if TYPE_CHECKING:
    from tests.lakehouse.steps.lake import Lake

ADDRESS = Address("ecommerce", "silver", "order_items")
ROW = {"id": 1, "order_id": 1, "product_id": 1, "date": "2025-04-01", "_source_hash": "a"}


def test_small_files_become_one(new_lake: "Lake") -> None:
    for product in (3, 1, 2):
        new_lake.put_silver("order_items", ROW | {"id": product, "product_id": product})
    table, uri = new_lake.table("silver.order_items"), new_lake.uri(ADDRESS)
    before, rows = delta_log.version(uri), new_lake.rows("silver.order_items")
    assert before is not None
    assert len(table.inputFiles()) == 3

    optimize(new_lake.spark, replace(new_lake.a_run("upkeep"), layer="silver"))

    after = delta_log.version(uri)
    assert after == before + 1
    assert delta_log.changes(uri, before, after) == delta_log.Changes()
    assert len(new_lake.table("silver.order_items").inputFiles()) == 1
    assert new_lake.rows("silver.order_items") == rows
    operation = delta_log.commit_info(uri, after)["operationParameters"]
    assert operation["zOrderBy"] == '["product_id"]'
