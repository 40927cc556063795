from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import botocore.client
import pytest
from botocore.exceptions import ClientError
from click.testing import Result
from typer.testing import CliRunner

from scripts.setup_s3_structure import app

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SAMPLE = Path(__file__).parents[2] / "sample" / "ecommerce"
DEFAULT_BUCKET = "ecommerce-lakehouse-123456789012"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def keys(s3: "S3Client", bucket: str, prefix: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


def refusing(operation: str, key: str = "") -> object:
    """AWS that denies one operation, on one key where it is given."""
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def refuse(client: object, name: str, parameters: dict[str, object]) -> object:
        if name == operation and key in str(parameters.get("Key", "")):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, name)
        return call(client, name, parameters)

    return patch.object(botocore.client.BaseClient, "_make_api_call", refuse)


def test_the_whole_bucket_and_a_second_time_nothing(s3: "S3Client") -> None:
    first = run("--data-dir", SAMPLE)
    second = run("--data-dir", SAMPLE)

    assert first.exit_code == 0, first.output
    assert keys(s3, DEFAULT_BUCKET, "raw/orders/") == ["raw/orders/", "raw/orders/orders.xlsx"]
    assert len(keys(s3, DEFAULT_BUCKET, "raw/order_items/")) == 4
    assert s3.get_bucket_versioning(Bucket=DEFAULT_BUCKET)["Status"] == "Enabled"
    assert "Nothing changed." not in first.output
    assert second.exit_code == 0, second.output
    assert "Nothing changed." in second.output


def test_an_explicit_name_is_used_as_given_and_the_skips_skip(s3: "S3Client", tmp_path: Path) -> None:
    result = run(
        "--bucket-name", "ecommerce-lakehouse", "--skip-upload", "--skip-security", "--data-dir", tmp_path
    )

    assert result.exit_code == 0, result.output
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["ecommerce-lakehouse"]
    assert keys(s3, "ecommerce-lakehouse", "gold/") != []
    assert "Status" not in s3.get_bucket_versioning(Bucket="ecommerce-lakehouse")


def test_name_and_region_from_the_environment(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "from-environment")
    monkeypatch.setenv("ECOM_AWS_REGION", "eu-central-1")

    result = run("--skip-upload")

    assert result.exit_code == 0, result.output
    assert s3.get_bucket_location(Bucket="from-environment")["LocationConstraint"] == "eu-central-1"


def test_named_roles_replace_the_default_ones(s3: "S3Client") -> None:
    run("--skip-upload", "--allow-role", "etl", "--allow-role", "team/analyst")
    policy = s3.get_bucket_policy(Bucket=DEFAULT_BUCKET)["Policy"]
    assert "arn:aws:iam::123456789012:role/etl" in policy
    assert "arn:aws:iam::123456789012:role/team/analyst" in policy
    assert "lakehouse-glue" not in policy


def test_the_default_roles(s3: "S3Client") -> None:
    run("--skip-upload")
    policy = s3.get_bucket_policy(Bucket=DEFAULT_BUCKET)["Policy"]
    assert [role for role in ("glue", "mwaa", "admin") if f":role/lakehouse-{role}" not in policy] == []


def test_a_refusal_names_call_and_remedy_and_ends_in_1(s3: "S3Client") -> None:
    with refusing("PutBucketPolicy"):  # type: ignore[attr-defined]
        result = run("--skip-upload")
    assert result.exit_code == 1
    assert "PutBucketPolicy on bucket ecommerce-lakehouse-123456789012 failed (AccessDenied" in result.output
    assert "grant s3:PutBucketPolicy to the caller" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--data-dir", "nowhere"],
            "nowhere is no directory; pass --data-dir with the data files, or --skip-upload",
        ),
        (["--bucket-name", "My_Lake", "--skip-upload"], "'My_Lake' is no bucket name"),
        (["--colour"], "No such option"),
    ],
)
def test_wrong_usage_ends_in_2_and_touches_nothing(
    s3: "S3Client", arguments: list[str], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert s3.list_buckets()["Buckets"] == []


def test_a_file_not_uploaded_ends_in_3_and_the_next_run_completes(s3: "S3Client") -> None:
    with refusing("PutObject", "order_items_2025-04-02"):  # type: ignore[attr-defined]
        result = run("--data-dir", SAMPLE)
    assert result.exit_code == 3
    assert (
        "PutObject on s3://ecommerce-lakehouse-123456789012/raw/order_items/order_items_2025-04-02.csv"
        in (" ".join(result.output.split()))
    )
    assert len(keys(s3, DEFAULT_BUCKET, "raw/order_items/")) == 3

    assert run("--data-dir", SAMPLE).exit_code == 0
    assert len(keys(s3, DEFAULT_BUCKET, "raw/order_items/")) == 4


def test_a_file_of_no_dataset_is_named(s3: "S3Client", tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("a\n")
    result = run("--data-dir", tmp_path)
    assert result.exit_code == 0
    assert "customers.csv: not uploaded, its name starts with no dataset" in " ".join(result.output.split())


def test_verbose_logs_what_is_unchanged(s3: "S3Client") -> None:
    run("--skip-upload")
    assert "temp/: unchanged" not in run("--skip-upload").output
    assert "temp/: unchanged" in run("--skip-upload", "--verbose").output
