"""AWS in memory with the bucket `lake`, and a Glue service on a port of its own."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import tests.airflow_home  # noqa: F401 - before Airflow

import boto3  # isort: skip
import botocore.loaders  # isort: skip
import botocore.session  # isort: skip
import pytest  # isort: skip
from moto import mock_aws  # isort: skip

from lakehouse.settings import account_id  # isort: skip
from orchestration.documents import s3_client  # isort: skip
from tests.orchestration.glue_service import GlueService  # isort: skip

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


@pytest.fixture(scope="session", autouse=True)
def _services_are_described_once() -> Iterator[None]:
    """Every hook starts a session of its own, and each would read botocore's large descriptions again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.loaders.create_loader))
        yield


@pytest.fixture(autouse=True)
def _no_client_outlives_its_test() -> Iterator[None]:
    yield
    s3_client.cache_clear()
    account_id.cache_clear()


@pytest.fixture
def lake() -> "Iterator[S3Client]":
    """A client of an S3 that holds the one bucket `lake`; all AWS is in memory meanwhile."""
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield client


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueService]:
    """A Glue whose runs move through the states that a test gives them."""
    with GlueService() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", service.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", service.url)
        yield service


@pytest.fixture
def inbox(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> "Inbox":
    """The notifications that reach the topic."""
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN", TOPIC)
    return Inbox()


class Inbox:
    """A queue that is subscribed to a topic, by default that of alerts."""

    def __init__(self, name: str = "alerts") -> None:
        self._sqs = boto3.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        sns = boto3.client("sns")
        self.topic = sns.create_topic(Name=name)["TopicArn"]
        queue = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue)

    def messages(self) -> list[dict[str, str]]:
        """Subject and message of each notification so far."""
        import json

        found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(message["Body"]) for message in found]
        return [{"subject": body["Subject"], "message": body["Message"]} for body in bodies]
