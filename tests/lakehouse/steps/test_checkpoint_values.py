"""Verdicts, Data Docs and logs of a broken checkpoint hold counts: values that parse are values all the same."""

import logging

import pytest

from tests.lakehouse.steps.lake import Lake

ORDERS = {"tables": ("orders",), "rejected_share_limit": 0.0}
# Each breaks an expectation: a negative amount, a day that is not the timestamp's, an amount that does not parse.
BROKEN = (
    {"order_id": 77_123_401, "total_amount": "-98765.43"},
    {"order_id": 77_123_402, "date": "1999-12-31"},
    {"order_id": 77_123_403, "total_amount": "secret-amount"},
)
VALUES = ("771234", "98765", "1999-12-31", "secret-amount", "66554433")


def test_what_a_checkpoint_leaves_behind_holds_no_value_of_a_row(
    new_lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    lake = new_lake
    row = {
        "order_num": 1,
        "order_id": 77_123_400,
        "user_id": 66_554_433,
        "order_timestamp": "2025-04-01T10:00:00",
        "total_amount": "5.00",
        "date": "2025-04-01",
    }
    lake.deliver("orders", "orders.csv", [row, *({**row, **broken} for broken in BROKEN)])
    run = lake.a_run("run", **ORDERS)
    with caplog.at_level(logging.INFO):
        lake.candidate("bronze", run)
        lake.publish("bronze", run)
        lake.candidate("silver", run)

    broken = {
        one["expectation"]
        for one in lake.verdict("run", "silver.orders")["expectations"]
        if not one["success"]
    }
    assert {
        "total_amount is not negative",
        "date is the UTC day of order_timestamp",
        "total_amount must be present and a valid number",
        "at most 0.00% of the rows may be rejected",
    } <= broken
    left = {
        entry["Key"] for entry in lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix="metadata/")["Contents"]
    }
    assert any(key.endswith("silver/orders.html") for key in left)
    for key in left:
        text = lake.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read().decode()
        assert [value for value in VALUES if value in text] == [], key
    assert [value for value in VALUES if value in caplog.text] == []
