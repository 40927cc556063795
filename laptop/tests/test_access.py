"""With policies enforced, Airflow and the jobs may do what their roles may, and no more."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from laptop import access
from laptop.layout import Layout
from laptop.tests.test_provision import BUCKET, VAULT, provision_without_wheel, serving

JOB_ROLE = "arn:aws:iam::123456789012:role/lakehouse-glue"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """A provisioned AWS that asks IAM, with a table and an arrival of ecommerce."""
    before = dict(os.environ)
    with serving(tmp_path_factory.mktemp("strict"), enforce_iam=True) as layout:
        provision_without_wheel(layout, lambda _what: None)
        s3 = boto3.client("s3")
        for key in ("raw/orders/april.csv", "gold/daily_sales/part.parquet", "bronze/orders/part.parquet"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        os.environ.clear()
        os.environ.update(before)
        yield layout


@pytest.fixture
def as_airflow(strict: Layout) -> Callable[[str], Any]:
    os.environ.update(strict.client_environment() | access.airflow_credentials(strict))
    return lambda service: boto3.Session().client(service)  # type: ignore[call-overload]


@pytest.fixture
def as_a_job(strict: Layout) -> Callable[[str], Any]:
    os.environ.update(strict.client_environment())
    given = boto3.client("sts").assume_role(RoleArn=JOB_ROLE, RoleSessionName="run")["Credentials"]
    os.environ.update(
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
    )
    return lambda service: boto3.Session().client(service)  # type: ignore[call-overload]


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
    return str(error.value)


def test_airflow_acts_as_its_role(as_airflow: Callable[[str], Any]) -> None:
    arn = as_airflow("sts").get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::123456789012:assumed-role/lakehouse-mwaa/AmazonMWAA-airflow"


def test_airflow_does_its_work(as_airflow: Callable[[str], Any]) -> None:
    s3, glue, logs = as_airflow("s3"), as_airflow("glue"), as_airflow("logs")
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="raw/orders/")["KeyCount"] > 0
    s3.copy_object(Bucket=BUCKET, Key="raw/archive/april.csv", CopySource=f"{BUCKET}/raw/orders/april.csv")
    s3.delete_object(Bucket=BUCKET, Key="raw/orders/april.csv")
    s3.put_object(Bucket=VAULT, Key="metadata/runs/1/plan.json", Body=b"{}")
    assert glue.get_job(JobName="lakehouse-publish")["Job"]["Role"] == JOB_ROLE
    glue.create_database(DatabaseInput={"Name": "ecommerce_gold"})
    as_airflow("sns").publish(TopicArn="arn:aws:sns:us-east-1:123456789012:lakehouse-alerts", Message="x")
    logs.create_log_stream(logGroupName="/lakehouse/metrics", logStreamName="run")
    as_airflow("sqs").receive_message(
        QueueUrl=os.environ["AWS_ENDPOINT_URL"] + "/123456789012/lakehouse-arrivals"
    )


def test_airflow_writes_no_table_and_no_job(as_airflow: Callable[[str], Any]) -> None:
    s3, glue = as_airflow("s3"), as_airflow("glue")
    told = refused(s3.put_object, Bucket=BUCKET, Key="gold/daily_sales/forged.parquet", Body=b"x")
    assert "assumed-role/lakehouse-mwaa/AmazonMWAA-airflow is not authorized to perform: s3:PutObject" in told
    refused(s3.delete_object, Bucket=BUCKET, Key="gold/daily_sales/part.parquet")
    refused(s3.get_object, Bucket=BUCKET, Key="bronze/orders/part.parquet")
    refused(s3.delete_bucket, Bucket=BUCKET)
    refused(glue.delete_job, JobName="lakehouse-publish")
    refused(glue.start_job_run, JobName="somebody-elses")
    refused(as_airflow("iam").put_role_policy, RoleName="lakehouse-mwaa", PolicyName="x", PolicyDocument="{}")
    refused(as_airflow("secretsmanager").get_secret_value, SecretId="lakehouse/clinical/evidence-key")


def test_a_job_writes_tables_and_changes_no_account(as_a_job: Callable[[str], Any]) -> None:
    s3 = as_a_job("s3")
    s3.put_object(Bucket=BUCKET, Key="gold/daily_sales/new.parquet", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="gold/daily_sales/new.parquet")
    assert as_a_job("secretsmanager").get_secret_value(SecretId="lakehouse/clinical/evidence-key")
    refused(s3.delete_bucket, Bucket=BUCKET)
    refused(s3.put_bucket_policy, Bucket=BUCKET, Policy="{}")
    refused(as_a_job("glue").start_job_run, JobName="lakehouse-publish")
    refused(as_a_job("sqs").list_queues)


def test_the_owner_at_the_keyboard_may_do_all(strict: Layout) -> None:
    os.environ.update(strict.client_environment())
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="gold/daily_sales/mended.parquet", Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="gold/daily_sales/mended.parquet")


def test_nobody_has_a_role_where_policies_are_not_enforced(layout: Layout) -> None:
    assert access.airflow_credentials(layout) == {}


def test_a_pattern_becomes_one_for_each_name() -> None:
    policy = {"Statement": [{"Resource": ["arn:$region:$bucket/*", "*"]}]}
    names = {"region": ["r"], "bucket": ["a", "b"], "domain": []}
    assert access.filled(policy, names)["Statement"][0]["Resource"] == ["arn:r:a/*", "arn:r:b/*", "*"]


def test_no_action_is_allowed_by_a_wildcard() -> None:
    for file in sorted(access._POLICIES.glob("*.json")):
        for statement in json.loads(file.read_text())["Statement"]:
            assert not [action for action in statement["Action"] if "*" in action], statement["Sid"]
