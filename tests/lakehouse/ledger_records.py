"""Records of the run ledger that wait in the bucket `lake`, as the task `record` delivers them."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECORD = {
    "table_address": "ecommerce.gold.daily_sales",
    "run_id": "run-2",
    "domain": "ecommerce",
    "layer": "gold",
    "run_type": "scheduled",
    "outcome": "published",
    "contract_version": "1.0.0",
    "code_version": "c0de",
    "dates": "2026-01-01,2026-01-02",
    "recorded_at": "2026-01-02T10:00:00.5+00:00",
    "candidate_seconds": 20.5,
    "publish_seconds": 4.5,
    "cost_usd": 0.25,
}


def waits(lake: "S3Client", *records: dict[str, Any]) -> None:
    """A file for each run."""
    for run_id in {record["run_id"] for record in records}:
        lines = "".join(f"{json.dumps(record)}\n" for record in records if record["run_id"] == run_id)
        lake.put_object(Bucket="lake", Key=f"raw/runs/ecommerce-{run_id}.ndjson", Body=lines.encode())
