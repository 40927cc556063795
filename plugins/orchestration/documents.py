"""JSON documents that Glue runs leave on S3, and the plan that `plan` leaves in XCom."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException
from botocore.exceptions import ClientError

from lakehouse.settings import Settings
from orchestration.plan import Plan

_LINK_SECONDS = 7 * 24 * 3600  # as long as S3 lets a signed URL live


def current_plan(context: Context) -> Plan:
    """This run's plan."""
    return Plan.model_validate(context["ti"].xcom_pull(task_ids="plan"))


@cache
def s3_client() -> Any:
    """A boto3 S3 client with the credentials of the worker: a provider hook costs each task twice as much."""
    return boto3.client("s3", region_name=Settings().region)


def signed_link(uri: str) -> str:
    """A URL that opens an object without credentials."""
    bucket, key = split_uri(uri)
    return str(
        s3_client().generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=_LINK_SECONDS
        )
    )


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def read_document(uri: str, written_by: str) -> dict[str, Any]:
    """Read a JSON document; a missing one fails the task for good and names the task that owed it."""
    document = find_document(uri)
    if document is None:
        raise AirflowFailException(
            f"{uri} does not exist: {written_by} ended without writing it; see its log and clear it"
        )
    return document


def find_document(uri: str) -> dict[str, Any] | None:
    """Read a JSON document; None where there is none."""
    bucket, key = split_uri(uri)
    try:
        body = s3_client().get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
            raise
        return None
    document: dict[str, Any] = json.loads(body)
    return document


def write_document(uri: str, document: Mapping[str, Any]) -> None:
    """Write a JSON document; replaces what was there."""
    bucket, key = split_uri(uri)
    body = json.dumps(document, indent=2).encode()
    s3_client().put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
