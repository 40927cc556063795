"""Which versions are read by name."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lakehouse.steps.run import Run
from lakehouse.steps.versions_in_use import versions_in_use
from lakehouse.storage.documents import write_document
from lakehouse.storage.publication import Publication

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = Run("ecommerce", "upkeep", {"*": "lake"}, "s3://lake/e")
BRONZE, SILVER, REJECTED = (f"ecommerce.{layer}.orders" for layer in ("bronze", "silver", "rejected"))


def commit(lake: "S3Client", table: str, number: int, said: Publication | None, **info: Any) -> None:
    """A commit, with what a publication says of itself."""
    told = {"operation": "WRITE", **info} | ({"userMetadata": json.dumps(asdict(said))} if said else {})
    key = f"{table}/_delta_log/{number:020d}.json"
    lake.put_object(Bucket="lake", Key=key, Body=json.dumps({"commitInfo": told}).encode())


def test_a_new_lake_uses_none(lake: "S3Client") -> None:
    assert versions_in_use(RUN) == {}


def test_what_the_newest_publication_took_in_and_stands_beside(lake: "S3Client") -> None:
    commit(lake, "silver/orders", 0, Publication("a", "r", {BRONZE: 1}, {REJECTED: 1}))
    commit(lake, "silver/orders", 1, Publication("b", "r", {BRONZE: 3}, {REJECTED: 2}))
    commit(lake, "silver/orders", 2, None, operation="OPTIMIZE")
    commit(lake, "gold/daily_sales", 0, Publication("c", "r", {SILVER: 1}))

    assert versions_in_use(RUN) == {BRONZE: {3}, REJECTED: {2}, SILVER: {1}}


def test_what_the_latest_manifest_names(lake: "S3Client") -> None:
    write_document(RUN.manifest_document("latest"), {"tables": {SILVER: 4, BRONZE: 2}})
    write_document(RUN.manifest_document("before"), {"tables": {SILVER: 3, BRONZE: 1}})
    commit(lake, "silver/orders", 0, Publication("a", "r", {BRONZE: 3}))

    assert versions_in_use(RUN) == {BRONZE: {2, 3}, SILVER: {4}}
