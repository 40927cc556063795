"""What the lakehouse needs of an AWS account, made if it is not there. Repeating it changes nothing.

On real AWS this is Terraform's work. Objects and catalog survive ``down``; the rest is made again.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse.address import bucket_of, is_bucket
from lakehouse.operations.deploy import DeployError, build_wheel, deploy
from lakehouse.operations.pools import domains
from lakehouse.settings import Settings
from lakehouse.storage.bucket.create import ensure_bucket
from lakehouse.storage.bucket.layout import ensure_prefixes, landings_that_start
from laptop.access import ensure_roles
from laptop.failure import StackError
from laptop.layout import ACCOUNT, METRICS_LOG_GROUP, Layout

WORK_GROUP = "lakehouse"
QUEUE = "lakehouse-arrivals"
TOPIC = "lakehouse-alerts"


def provision(layout: Layout, report: Callable[[str], None]) -> None:
    """Bring the account to what the lakehouse needs.

    Args:
        layout: The stack, whose services answer.
        report: Told what is being done.

    Raises:
        StackError: A call was refused, or something to deploy is missing.
    """
    os.environ.update(layout.client_environment())
    steps: list[tuple[str, Callable[[Layout], None]]] = [
        ("roles and topic", _ensure_roles_and_topic),
        ("log group of metrics", _ensure_log_group),
        ("bucket", _ensure_bucket),
        ("queue of arrivals", _ensure_arrivals),
        ("key of evidence", _ensure_evidence_key),
        ("work group", _ensure_work_group),
        ("wheel", lambda layout: build_wheel(layout.root)),
        ("Glue jobs", _deploy),
    ]
    for what, step in steps:
        report(what)
        try:
            step(layout)
        except (ClientError, DeployError) as error:
            raise StackError(
                f"provisioning the {what} failed: {error}; see {layout.log_dir / 'aws.log'}"
            ) from error


def _client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def _ensure_roles_and_topic(layout: Layout) -> None:
    ensure_roles(layout)
    _client("sns").create_topic(Name=TOPIC)


def _ensure_log_group(_layout: Layout) -> None:
    logs = _client("logs")
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=METRICS_LOG_GROUP)


def _ensure_bucket(layout: Layout) -> None:
    script = layout.root / "scripts" / "setup_s3_structure.py"
    result = subprocess.run(
        [sys.executable, script, "--skip-upload"], check=False, capture_output=True, text=True
    )
    if result.returncode:
        reason = (result.stderr or result.stdout).strip().splitlines()
        raise StackError(f"{script} failed: {' '.join(reason[-3:])}")
    for domain in _domains_on_s3():
        buckets = Settings().buckets(domain)
        for bucket in dict.fromkeys(buckets.values()):
            ensure_bucket(_client("s3"), bucket, layout.region, ACCOUNT)
        ensure_prefixes(_client("s3"), buckets, domain)


def _domains_on_s3() -> list[str]:
    """All but one whose vault is a folder."""
    return [domain for domain in domains() if is_bucket(bucket_of("raw", Settings().buckets(domain)))]


def _domains_by_landing_bucket() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for domain in _domains_on_s3():
        found.setdefault(bucket_of("raw", Settings().buckets(domain)), []).append(domain)
    return found


def _ensure_arrivals(layout: Layout) -> None:
    sqs = _client("sqs")
    buckets = _domains_by_landing_bucket()
    arn = f"arn:aws:sqs:{layout.region}:{ACCOUNT}:{QUEUE}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnLike": {"aws:SourceArn": sorted(f"arn:aws:s3:::{b}" for b in buckets)}},
            }
        ],
    }
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    for bucket, own in buckets.items():
        _ensure_notification(bucket, own, arn)


def _ensure_notification(bucket: str, own: list[str], arn: str) -> None:
    """One prefix per dataset: files that the pipeline itself moves below raw/ are no arrivals."""
    found = {name: landing for domain in own for name, landing in landings_that_start(domain).items()}
    wanted = [
        {
            "Id": f"arrival-{name}",
            "QueueArn": arn,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": f"{landing}/"}]}},
        }
        for name, landing in sorted(found.items())
    ]
    s3 = _client("s3")
    current = s3.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
    if {entry["Id"] for entry in current} != {entry["Id"] for entry in wanted}:
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": wanted}
        )


def _ensure_evidence_key(layout: Layout) -> None:
    """Kept beside the tables, whose hashes it makes: secrets of the embedded AWS are gone after ``down``."""
    key = layout.state_dir / "evidence.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
    try:
        _client("secretsmanager").create_secret(
            Name=Settings().evidence_key_secret, SecretBinary=key.read_bytes()
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceExistsException":
            raise


def _ensure_work_group(layout: Layout) -> None:
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{layout.bucket}/athena_queries/"}}
    athena = _client("athena")
    names = {group["Name"] for group in athena.list_work_groups()["WorkGroups"]}
    if WORK_GROUP not in names:
        athena.create_work_group(Name=WORK_GROUP, Configuration=results)


def _deploy(layout: Layout) -> None:
    packed = sorted((layout.cache_dir / "glue-environment").glob("*.tar.gz"))
    if not packed:
        raise StackError("Glue's packed environment is missing; run `make setup`")
    log_store = layout.cache_dir / "log-store" / "lakehouse-log-store.jar"
    deploy(Settings(), layout.root, log_store, packed[-1])
