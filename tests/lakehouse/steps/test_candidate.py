"""What a table has taken in, as its log says."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lakehouse.address import Address
from lakehouse.steps.candidate import inputs_taken_in
from lakehouse.steps.run import Run
from lakehouse.storage.publication import Publication

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = Run("ecommerce", "r", {"*": "lake"}, "s3://lake/e")
SALES = Address("ecommerce", "gold", "daily_sales")
ORDERS = "ecommerce.silver.orders"


def commit(lake: "S3Client", table: str, number: int, action: dict[str, Any]) -> None:
    lake.put_object(
        Bucket="lake", Key=f"{table}/_delta_log/{number:020d}.json", Body=json.dumps(action).encode()
    )


def add(*, data_change: bool) -> dict[str, Any]:
    return {"add": {"path": "a", "partitionValues": {}, "size": 1, "dataChange": data_change}}


def test_a_new_table_has_taken_in_nothing(lake: "S3Client") -> None:
    assert inputs_taken_in(RUN, SALES) == {}


def test_a_rewrite_of_an_input_is_no_news_and_rows_are(lake: "S3Client") -> None:
    said = json.dumps(asdict(Publication("c", "r", {ORDERS: 3})))
    commit(lake, "gold/daily_sales", 1, {"commitInfo": {"operation": "WRITE", "userMetadata": said}})
    commit(lake, "silver/orders", 3, add(data_change=True))
    assert inputs_taken_in(RUN, SALES) == {ORDERS: 3}

    commit(lake, "silver/orders", 4, add(data_change=False))
    assert inputs_taken_in(RUN, SALES) == {ORDERS: 4}

    commit(lake, "silver/orders", 5, add(data_change=True))
    assert inputs_taken_in(RUN, SALES) == {ORDERS: 4}
