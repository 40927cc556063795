"""Nothing that failed its audit becomes visible, and the verdict says what was wrong where."""

import re
from typing import Any

import pytest

from lakehouse.steps.publish import UnauditedError
from lakehouse.storage.documents import DocumentNotFoundError, read_document, write_document
from lakehouse.storage.objects.paths import split_uri
from tests.lakehouse.steps.lake import Lake

ORDERS = {"tables": ("orders",)}


def orders(first_id: int, count: int, **changes: object) -> list[dict[str, object]]:
    """Valid orders but for `changes` in the first."""
    rows: list[dict[str, object]] = [
        {
            "order_num": 1,
            "order_id": first_id + number,
            "user_id": 7,
            "order_timestamp": "2025-04-01T10:00:00",
            "total_amount": "5.00",
            "date": "2025-04-01",
        }
        for number in range(count)
    ]
    return [{**rows[0], **changes}, *rows[1:]]


def failures(verdict: dict[str, Any]) -> dict[str, str]:
    """Failed expectation → what was observed."""
    return {one["expectation"]: one["observed"] for one in verdict["expectations"] if not one["success"]}


def publish_bronze(lake: Lake, run_id: str) -> None:
    run = lake.a_run(run_id, **ORDERS)
    lake.candidate("bronze", run)
    lake.publish("bronze", run)


def test_a_delivery_with_too_many_broken_rows_stays_out(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "good.csv", orders(100, 10))
    publish_bronze(lake, "good")
    run = lake.a_run("good", **ORDERS)
    lake.candidate("silver", run)
    lake.publish("silver", run)
    before = lake.versions(), lake.rows("silver.orders")

    broken = [*orders(200, 1, total_amount="n/a secret"), *orders(300, 1, user_id=None)]
    lake.deliver("orders", "bad.csv", [*broken, *orders(400, 8)])
    publish_bronze(lake, "bad")
    run = lake.a_run("bad", **ORDERS)
    candidate = lake.candidate("silver", run)["orders"]

    assert candidate["outcome"] == "candidate"
    assert candidate["counts"] == {
        "read": 10,
        "published": 8,
        "rejected": 2,
        "deduplicated": 0,
        "superseded": 0,
    }
    verdict = lake.verdict("bad", "silver.orders")
    assert (verdict["outcome"], verdict["suite"]) == ("failed", "ecommerce.silver.orders")
    assert failures(verdict) == {
        "total_amount must be present and a valid number": "1 of 10 rows are not so",
        "user_id must be present and a valid integer": "1 of 10 rows are not so",
        "at most 1.00% of the rows may be rejected": "2 of 10 rows are not so",
    }
    where = f"s3://{lake.bucket}/raw/orders/bad.csv (1 × required:user_id, 1 × type:total_amount)"
    assert verdict["files"] == [where]

    with pytest.raises(
        UnauditedError, match=r"ecommerce\.silver\.orders: the checkpoint's verdict is 'failed'"
    ):
        lake.publish("silver", run)
    after = {**lake.versions(), "ecommerce.bronze.orders": before[0]["ecommerce.bronze.orders"]}
    assert (after, lake.rows("silver.orders")) == before
    with pytest.raises(DocumentNotFoundError):
        read_document(run.published_document("silver"))
    check_page(lake, verdict["docs_uri"])

    # Whoever accepts the delivery's good rows gets them; the broken ones are kept with their reasons.
    run = lake.a_run("accepted", **ORDERS, rejected_share_limit=0.2)
    lake.candidate("silver", run)
    assert lake.verdict("accepted", "silver.orders")["outcome"] == "passed"
    lake.publish("silver", run)
    assert len(lake.rows("silver.orders")) == 18
    rules = {row["rule"]: row["raw"] for row in lake.table("rejected.orders").collect()}
    assert set(rules) == {"type:total_amount", "required:user_id"}
    assert '"total_amount":"n/a secret"' in rules["type:total_amount"]


def check_page(lake: Lake, uri: str) -> None:
    bucket, key = split_uri(uri)
    stored = lake.s3.get_object(Bucket=bucket, Key=key)
    page = stored["Body"].read().decode()
    assert stored["ContentType"] == "text/html; charset=utf-8"
    assert "ecommerce.silver.orders" in page
    assert "total_amount" in page
    assert "n/a secret" not in page, "Data Docs hold counts, never values"


def test_a_file_without_a_column_stays_out_with_all_that_came_with_it(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "orders.csv", [{"order_id": 1, "user_id": 7}])
    lake.deliver(
        "products", "products.csv", b"product_id,department_id,department,product_name\n1,1,Books,Atlas\n"
    )
    run = lake.a_run("short", tables=("products", "orders"))

    lake.candidate("bronze", run)

    verdict = lake.verdict("short", "bronze.orders")
    assert (verdict["outcome"], failures(verdict)) == (
        "failed",
        {"every file has every column of the contract": "1 of 1 rows are not so"},
    )
    assert lake.verdict("short", "bronze.products")["outcome"] == "passed"
    with pytest.raises(UnauditedError, match=re.escape("ecommerce.bronze.orders")):
        lake.publish("bronze", run)
    assert set(lake.versions().values()) == {None}


def test_what_only_warns_is_published_and_told(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "good.csv", orders(100, 2, coupon="SPRING"))
    lake.deliver("orders", "broken.xlsx", b"no workbook")
    lake.deliver("orders", "header.csv", b"order_num,order_id,user_id,order_timestamp,total_amount,date\n")
    run = lake.a_run("warned", **ORDERS)

    candidate = lake.candidate("bronze", run)["orders"]

    reports = {file["uri"].rpartition("/")[2]: file for file in candidate["files"]}
    assert {name: (file["status"], file["rows"]) for name, file in reports.items()} == {
        "good.csv": ("loaded", 2),
        "broken.xlsx": ("failed", 0),
        "header.csv": ("loaded", 0),
    }
    verdict = lake.verdict("warned", "bronze.orders")
    assert verdict["outcome"] == "warned"
    reasons = failures(verdict)
    assert (
        reasons[f"s3://{lake.bucket}/raw/orders/broken.xlsx can be read"] == reports["broken.xlsx"]["reason"]
    )
    assert reasons["no file has a column or cell that the contract does not name"] == (
        "2 of 2 rows are not so"
    )
    lake.publish("bronze", run)
    rows = lake.table("bronze.orders").select("order_id", "_unexpected_columns").orderBy("order_id").collect()
    assert [tuple(row) for row in rows] == [("100", '{"coupon": "SPRING"}'), ("101", '{"coupon": ""}')]


def test_without_a_verdict_nothing_is_published(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "good.csv", orders(100, 2))
    run = lake.a_run("cut_off", **ORDERS)
    lake.candidate("bronze", run)
    document = read_document(run.candidate_document("bronze"))
    document["tables"]["orders"]["verdict"] = ""
    write_document(run.candidate_document("bronze"), document)

    with pytest.raises(UnauditedError, match=r"ecommerce\.bronze\.orders: the checkpoint's verdict is ''"):
        lake.publish("bronze", run)

    assert lake.versions()["ecommerce.bronze.orders"] is None
