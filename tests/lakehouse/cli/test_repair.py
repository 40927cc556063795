"""`lakehouse repair`: shows what tables lost, brings it back, and says what else there is where it cannot."""

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COMMITS = [f"gold/daily_sales/_delta_log/{version:020d}.json" for version in range(3)]


@pytest.fixture(autouse=True)
def table(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")
    lake.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    for key in COMMITS:
        lake.put_object(Bucket="lake", Key=key, Body=json.dumps({"commitInfo": {}}).encode())


def lakehouse(*words: str) -> str:
    result = CliRunner().invoke(app, ["repair", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def keys(lake: "S3Client") -> list[str]:
    return [entry["Key"] for entry in lake.list_objects_v2(Bucket="lake").get("Contents", [])]


def test_a_domain_that_lost_nothing() -> None:
    assert "13 tables looked at, nothing is lost" in lakehouse("ecommerce")


def test_without_apply_nothing_changes(lake: "S3Client") -> None:
    lake.delete_object(Bucket="lake", Key=COMMITS[1])

    told = lakehouse("ecommerce")

    assert "ecommerce.gold.daily_sales" in told
    assert "can be brought back" in told
    assert keys(lake) == [COMMITS[0], COMMITS[2]]


def test_with_apply_it_is_back(lake: "S3Client") -> None:
    lake.delete_object(Bucket="lake", Key=COMMITS[1])

    assert "brought back" in lakehouse("ecommerce.gold.daily_sales", "--apply")
    assert keys(lake) == COMMITS
    assert "nothing is lost" in lakehouse("ecommerce.gold.daily_sales")


def test_what_is_gone_for_good_names_another_way(lake: "S3Client") -> None:
    lake.put_object(Bucket="lake", Key=COMMITS[2], Body=b"torn")
    for entry in lake.list_object_versions(Bucket="lake", Prefix=COMMITS[2])["Versions"]:
        if not entry["IsLatest"]:
            lake.delete_object(Bucket="lake", Key=COMMITS[2], VersionId=entry["VersionId"])

    with pytest.raises(
        CommandError, match=r"daily_sales: go back with `lakehouse restore`, or .* --full-refresh"
    ):
        lakehouse("ecommerce", "--apply")
