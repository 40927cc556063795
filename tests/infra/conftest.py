"""The dev environment, applied once to an embedded AWS of the tests' own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.infra.terraform import Terraform
from tests.lakehouse.embedded_aws import CREDENTIALS, embedded_aws

STATE_BUCKET = "lakehouse-state"
FILES = ("dev", "embedded")


@dataclass
class Applied:
    """An account after `terraform apply`."""

    endpoint: str
    terraform: Terraform
    said: str
    outputs: dict[str, Any]

    def client(self, service: str) -> Any:
        return client(service, self.endpoint)


def client(service: str, endpoint: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def backend(environment: str) -> list[str]:
    """Arguments of `terraform init` for a state in the account."""
    values = {
        "bucket": STATE_BUCKET,
        "key": f"{environment}.tfstate",
        "region": "us-east-1",
        "use_path_style": "true",
    }
    return [f"-backend-config={key}={value}" for key, value in values.items()]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Endpoint of an empty account that keeps Terraform's state."""
    with embedded_aws(tmp_path_factory.mktemp("aws") / "state") as endpoint:
        client("s3", endpoint).create_bucket(Bucket=STATE_BUCKET)
        yield endpoint


@pytest.fixture(scope="session")
def applied(account: str, tmp_path_factory: pytest.TempPathFactory) -> Applied:
    """The root with dev's variables, state and lock in S3."""
    terraform = Terraform(Path(tmp_path_factory.mktemp("terraform")), account)
    terraform.init(*backend("dev"))
    said = terraform.apply(*FILES)
    return Applied(account, terraform, said, terraform.outputs())
