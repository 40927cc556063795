"""A server of these tests' own, whose faults befall nobody else."""

import boto3
import botocore.config
import pytest

from local_aws.faults.client import FaultClient


@pytest.fixture(scope="session")
def shaky(tmp_path_factory, storage):
    """A server without Spark."""
    server = type(storage)(tmp_path_factory.mktemp("shaky"), glue_warm="false").start()
    yield server
    server.stop()


@pytest.fixture
def faults(shaky):
    client = FaultClient(shaky.endpoint)
    yield client
    client.clear()


@pytest.fixture
def client_of(shaky):
    """Clients that try so often, and are called so."""

    def client(service, attempts=1, user_agent=None):
        retries = {"total_max_attempts": attempts, "mode": "standard"}
        return boto3.client(
            service,
            endpoint_url=shaky.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(
                retries=retries, user_agent_extra=user_agent, s3={"addressing_style": "path"}
            ),
        )

    return client


@pytest.fixture
def s3(client_of):
    return client_of("s3")


@pytest.fixture
def bucket(s3, request):
    name = request.node.name.lower().replace("_", "-").split("[")[0][-50:].strip("-")
    if name not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name)
    return name
