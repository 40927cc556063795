"""JSON documents on S3."""

from typing import TYPE_CHECKING

import pytest
from airflow.sdk.exceptions import AirflowFailException
from botocore.exceptions import ClientError

from orchestration.documents import current_plan, read_document, split_uri
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_a_uri_is_a_bucket_and_a_key() -> None:
    assert split_uri("s3://lake/raw/orders/a b.csv") == ("lake", "raw/orders/a b.csv")


def test_every_task_reads_the_plan_of_its_run() -> None:
    plan = a_plan(dates=["2025-04-01"])
    assert current_plan(a_context(plan)) == plan


def test_a_document_is_read(lake: "S3Client") -> None:
    put(lake, "metadata/a.json", {"rows": 500})
    assert read_document("s3://lake/metadata/a.json", written_by="candidate") == {"rows": 500}


def test_a_missing_document_fails_for_good_and_names_who_owes_it(lake: "S3Client") -> None:
    with pytest.raises(
        AirflowFailException, match=r"s3://lake/metadata/a\.json does not exist: publish ended"
    ):
        read_document("s3://lake/metadata/a.json", written_by="publish")


def test_any_other_refusal_may_be_tried_again(lake: "S3Client") -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        read_document("s3://nowhere/metadata/a.json", written_by="publish")
