"""The drill's other half: a region is lost in the middle of replication, the other goes on, the first comes back."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_aws.faults.client import FaultClient
from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.stack import BUCKET, Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

HERE, THERE = "us-east-1", "us-west-2"
REPLICA = f"{BUCKET}-replica"
OF_THERE = {
    "ECOM_AWS_REGION": THERE,
    "ECOM_S3_BUCKET_NAME": REPLICA,
    "LAKEHOUSE_BUCKET_ROLES": "lakehouse-glue replication",
    "LAKEHOUSE_BUCKETS": json.dumps({"clinical": "clinical-replica", "market_data": "market-data-replica"}),
}
"""Settings of the lakehouse in the other region."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lakehouse whose bucket is replicated to another region."""
    with Stack.running(tmp_path_factory.mktemp("region") / "state") as made:
        s3 = made.client("s3")
        s3.create_bucket(Bucket=REPLICA, CreateBucketConfiguration={"LocationConstraint": THERE})
        s3.put_bucket_versioning(Bucket=REPLICA, VersioningConfiguration={"Status": "Enabled"})
        rule = {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{REPLICA}"},
        }
        role = "arn:aws:iam::123456789012:role/replication"
        s3.put_bucket_replication(Bucket=BUCKET, ReplicationConfiguration={"Role": role, "Rules": [rule]})
        yield made


def at(stack: Stack, **settings: str) -> Stack:
    """The same state, served as another region; its Airflow is another."""
    shutil.rmtree(stack.state_dir / "airflow", ignore_errors=True)
    return replace(stack, environment={**stack.environment, **settings})


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(1)


def is_behind(stack: Stack) -> bool:
    printed = stack.must("replica", "ecommerce", "--format", "json")
    (told,) = json.loads(printed[printed.index("[\n") :])
    return bool(told["behind"] != "not")


def say(text: str) -> None:
    sys.stderr.write(f"drill: {text}\n")


def test_a_lost_region(first: Stack, deliveries: list[list[Path]]) -> None:
    first.must("run", "ecommerce", "--data-dir", deliveries[0][0].parent)
    eventually(lambda: not is_behind(first), "the first run to be replicated")
    # Of the second run everything arrives but gold's data files.
    held = {"service": "s3", "operation": "ReplicateObject", "resource": f"{BUCKET}/gold/*.parquet"}
    FaultClient(first.endpoint).replace([held | {"fault": "internal_error", "rate": 1}])
    first.must("run", "ecommerce", "--data-dir", deliveries[1][0].parent)
    eventually(lambda: is_behind(first), "the second run to be replicated in part")

    first.must("down")
    lost = datetime.now(UTC)
    second = at(first, **OF_THERE, LOCAL_AWS_LOST_REGIONS=json.dumps([HERE]))
    second.must("up")
    before = json.loads(second.must("manifest", "ecommerce", "--format", "json"))
    told = second.must("failover", "ecommerce", "--apply")
    taken_over = json.loads(second.must("manifest", "ecommerce", "--format", "json"))
    assert taken_over["run_id"] != before["run_id"], told
    assert_equal_to_oracle(second, deliveries[:1])
    readable = datetime.now(UTC)
    second.must("run", "ecommerce")
    assert_equal_to_oracle(second, deliveries[:2])
    say(
        f"a region lost: tables readable in the other after {(readable - lost).seconds} s, of the run before; after "
        f"{(datetime.now(UTC) - lost).seconds} s the lost run's deliveries are in them too, no row lost"
    )

    second.must("run", "ecommerce", "--data-dir", deliveries[2][0].parent)
    assert_equal_to_oracle(second, deliveries)


def test_the_region_is_back(first: Stack, deliveries: list[list[Path]]) -> None:
    at(first, **OF_THERE).must("down")
    back = at(first)
    started = time.monotonic()
    back.must("up")
    assert_equal_to_oracle(back, deliveries[:2])
    back.must("failback", "ecommerce", "--apply")
    assert_equal_to_oracle(back, deliveries)
    say(f"the region back: its tables are those of the other after {time.monotonic() - started:.0f} s")
    back.must("run", "ecommerce", "--full-refresh")
    assert_equal_to_oracle(back, deliveries)
    eventually(lambda: not is_behind(back), "the replica to follow again")
