"""What Glue runs leave on S3, as the engine's documentation specifies it."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECRET_VALUE = "jane.doe@example.com"
"""A value of the data: may be in a log, never in a notification."""

USER_ID = {
    "type": "expect_column_values_to_not_be_null",
    "column": "user_id",
    "severity": "critical",
    "success": True,
    "expectation": "user_id must not be null",
    "observed": "0 of 500 rows",
}
DEPARTMENT = {
    "type": "expect_multicolumn_values_to_correspond",
    "column": None,
    "severity": "warning",
    "success": True,
    "expectation": "department_id and department correspond one to one",
    "observed": "21 pairs",
}


def broken(expectation: dict[str, Any], observed: str) -> dict[str, Any]:
    return expectation | {"success": False, "observed": observed}


def verdict(outcome: str = "passed", *expectations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A verdict on silver's orders."""
    whole = {
        "address": "ecommerce.silver.orders",
        "suite": "ecommerce.silver.orders",
        "run_id": "run-1",
        "outcome": outcome,
        "rows": 500,
        "files": ["s3://lake/raw/orders/april.csv"],
        "expectations": list(expectations or (USER_ID, DEPARTMENT)),
        "docs_uri": "s3://lake/metadata/data_docs/run-1/silver/orders.html",
    }
    return whole | fields


def put(lake: "S3Client", key: str, document: Any) -> None:
    lake.put_object(Bucket="lake", Key=key, Body=json.dumps(document).encode())


def put_verdict(lake: "S3Client", document: dict[str, Any]) -> None:
    put(lake, "metadata/validations/run-1/silver/orders.json", document)


def keys(lake: "S3Client", prefix: str = "") -> list[str]:
    """Keys of the bucket `lake` below a prefix, in order."""
    return [entry["Key"] for entry in lake.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])]


def read(lake: "S3Client", key: str) -> Any:
    return json.loads(lake.get_object(Bucket="lake", Key=key)["Body"].read())
