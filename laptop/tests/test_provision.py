"""What the lakehouse needs of an account, made in a real embedded AWS."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from laptop import aws, processes, provision
from laptop.failure import StackError
from laptop.layout import Layout
from laptop.record import Part, Record

CHECKOUT = Path(__file__).parents[2]
BUCKET = "ecommerce-lakehouse-123456789012"
VAULT = "market-data-vault"
WHEEL = "lakehouse-0.1.0-py3-none-any.whl"


@contextmanager
def serving(root: Path, **options: Any) -> Iterator[Layout]:
    """An embedded AWS without Spark and Trino; its checkout has a wheel and a packed environment by name only."""
    from laptop.tests.conftest import free_port

    for folder in ("scripts", "include", "expectations", "lakehouse"):
        (root / folder).symlink_to(CHECKOUT / folder)
    for path in (
        f"dist/{WHEEL}",
        "cache/glue-environment/abc.tar.gz",
        "cache/log-store/lakehouse-log-store.jar",
    ):
        (root / path).parent.mkdir(parents=True)
        (root / path).write_text(path)
    layout = Layout(
        root=root, state_dir=root / "state", cache_dir=root / "cache", aws_port=free_port(), **options
    )
    command = [*aws.command(layout), "--no-trino", "--no-warm"]
    part, _ = processes.start("aws", command, aws.environment(layout), layout)
    deadline = time.monotonic() + 90
    while aws.health(layout).get("s3") != "ready":
        assert part.process() is not None, (layout.log_dir / "aws.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield layout
    processes.stop(Record(layout=layout, parts=[Part(**part.model_dump())]), grace_seconds=5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    with serving(tmp_path_factory.mktemp("checkout")) as layout:
        yield layout


@pytest.fixture(scope="module")
def said(served: Layout) -> list[str]:
    """What provisioning said that it did, the first time.

    The shell has credentials of a real account, in which nothing may be made.
    """
    steps: list[str] = []
    elsewhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "real"}
    with patch.dict(os.environ, elsewhere):
        provision_without_wheel(served, steps.append)
    return steps


def provision_without_wheel(layout: Layout, report: Callable[[str], None]) -> None:
    with patch.object(provision, "build_wheel"):
        provision.provision(layout, report)


@pytest.fixture
def provisioned(served: Layout, said: list[str]) -> Layout:
    os.environ.update(served.client_environment())
    return served


def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def inventory() -> dict[str, Any]:
    """All that provisioning makes."""
    s3, sqs = client("s3"), client("sqs")
    queue = sqs.get_queue_url(QueueName="lakehouse-arrivals")["QueueUrl"]
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    return {
        "role": client("iam").get_role(RoleName="lakehouse-glue")["Role"]["Arn"],
        "topics": [topic["TopicArn"] for topic in client("sns").list_topics()["Topics"]],
        "queue": sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn", "Policy"])[
            "Attributes"
        ],
        "events": s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"],
        "work group": client("athena").get_work_group(WorkGroup="lakehouse")["WorkGroup"]["Configuration"],
        "jobs": sorted(job["Name"] for job in client("glue").get_jobs()["Jobs"]),
        "objects": {entry["Key"]: (entry["ETag"], entry["LastModified"]) for entry in listed},
    }


def test_all_that_a_run_needs_is_there(provisioned: Layout) -> None:
    found = inventory()
    assert found["role"] == "arn:aws:iam::123456789012:role/lakehouse-glue"
    assert found["topics"] == [provisioned.topic_arn]
    assert found["jobs"] == [
        f"lakehouse-{step}"
        for step in (
            "bronze_to_silver",
            "maintain",
            "publish",
            "raw_to_bronze",
            "replay",
            "restore",
            "silver_to_gold",
        )
    ]
    location = found["work group"]["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{BUCKET}/athena_queries/"
    scripts = {key for key in found["objects"] if key.startswith("scripts/")}
    assert {f"scripts/{WHEEL}", "scripts/environment.tar.gz", "scripts/glue/publish.py"} <= scripts
    assert "scripts/lakehouse-log-store.jar" in scripts
    assert "scripts/expectations/ecommerce/silver/orders.json" in scripts


def test_only_deliveries_are_arrivals(provisioned: Layout) -> None:
    """Files that the pipeline itself moves below raw/ start no run."""
    events = inventory()["events"]
    rules = [rule for event in events for rule in event["Filter"]["Key"]["FilterRules"]]
    assert sorted(rule["Value"] for rule in rules) == ["raw/order_items/", "raw/orders/", "raw/products/"]
    assert {rule["Name"].lower() for rule in rules} == {"prefix"}


def test_a_domain_with_a_bucket_of_its_own_has_it(provisioned: Layout) -> None:
    (event,) = client("s3").get_bucket_notification_configuration(Bucket=VAULT)["QueueConfigurations"]
    assert [rule["Value"] for rule in event["Filter"]["Key"]["FilterRules"]] == ["raw/ready/coinbase/"]
    listed = client("s3").list_objects_v2(Bucket=VAULT, Prefix="raw/")["Contents"]
    assert "raw/ready/coinbase/" in {entry["Key"] for entry in listed}


def test_data_about_patients_has_buckets_of_its_own_and_a_key(provisioned: Layout) -> None:
    s3 = client("s3")
    events = s3.get_bucket_notification_configuration(Bucket="metriccare-raw-data")["QueueConfigurations"]
    rules = [rule["Value"] for event in events for rule in event["Filter"]["Key"]["FilterRules"]]
    assert {"raw/bundle/", "raw/patient/", "raw/encounter/"} <= set(rules)
    assert "silver/encounter/" in keys("metriccare-silver-data")
    assert "gold/mortality/" in keys("metriccare-gold-data")
    assert not any(key.startswith(("raw/", "silver/")) for key in keys("metriccare-gold-data"))

    secret = client("secretsmanager").get_secret_value(SecretId="lakehouse/clinical/evidence-key")
    kept = provisioned.state_dir / "evidence.key"
    assert secret["SecretBinary"] == kept.read_bytes()
    assert len(secret["SecretBinary"]) == 32
    assert kept.stat().st_mode & 0o077 == 0


def keys(bucket: str) -> set[str]:
    return {entry["Key"] for entry in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_a_delivery_reaches_the_queue_that_airflow_watches(provisioned: Layout) -> None:
    sqs, s3 = client("sqs"), client("s3")
    sqs.purge_queue(QueueUrl=provisioned.queue_url)
    s3.put_object(Bucket=BUCKET, Key="raw/archive/orders/old.csv", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="raw/orders/april.csv", Body=b"x")
    bodies: list[dict[str, Any]] = []
    deadline = time.monotonic() + 20
    while not bodies and time.monotonic() < deadline:
        received = sqs.receive_message(QueueUrl=provisioned.queue_url, MaxNumberOfMessages=10)
        bodies += [json.loads(message["Body"]) for message in received.get("Messages", [])]
    told = [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])]
    assert told == ["raw/orders/april.csv"]


def test_twice_changes_nothing(provisioned: Layout) -> None:
    before = inventory()
    provision_without_wheel(provisioned, lambda _what: None)
    assert inventory() == before


def test_steps_are_reported_in_order(said: list[str]) -> None:
    assert said == [
        "roles and topic",
        "log group of metrics",
        "bucket",
        "queue of arrivals",
        "key of evidence",
        "work group",
        "wheel",
        "Glue jobs",
    ]


class TestFailures:
    def test_a_missing_environment_names_its_remedy(self, layout: Layout) -> None:
        with pytest.raises(StackError, match=r"packed environment is missing; run `make setup`"):
            provision._deploy(layout)

    def test_a_script_that_fails_is_quoted(self, layout: Layout) -> None:
        script = layout.root / "scripts" / "setup_s3_structure.py"
        script.parent.mkdir()
        script.write_text("import sys; sys.exit('CreateBucket was refused: choose another name')")
        with pytest.raises(StackError, match="CreateBucket was refused: choose another name"):
            provision._ensure_bucket(layout)

    def test_a_refused_call_names_what_was_being_made_and_the_log(
        self, served: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missing = served.model_copy(update={"bucket_name": "no-such-bucket"})
        monkeypatch.setattr(provision, "_ensure_bucket", lambda _layout: None)
        with pytest.raises(
            StackError, match=r"provisioning the queue of arrivals failed: .*NoSuchBucket.*aws\.log"
        ):
            provision.provision(missing, lambda _what: None)
