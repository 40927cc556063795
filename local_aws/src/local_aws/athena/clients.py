"""Clients of the embedded AWS's own S3 and Glue: Athena reaches them through their API, like anyone else."""

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import ClientError

from local_aws.config import Config

OWN_CLIENT = "local-aws"
"""In the User-Agent: faults on demand are for the callers of Athena, not for its own calls."""


class Clients:
    """Lazily built clients; nothing answers yet when Athena is installed."""

    def __init__(self, config: Config) -> None:
        self._environment = config.client_environment()

    @cached_property
    def s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def glue(self) -> Any:
        return self._client("glue")

    def _client(self, service: str) -> Any:
        settings = BotoConfig(
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            max_pool_connections=32,
            user_agent_extra=OWN_CLIENT,
        )
        session: Any = boto3.Session(
            aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self._environment["AWS_REGION"],
        )
        return session.client(service, endpoint_url=self._environment["AWS_ENDPOINT_URL"], config=settings)

    def storage_options(self) -> dict[str, str]:
        """Options that let the Delta library read from this S3."""
        names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        return {
            "AWS_ALLOW_HTTP": "true",
            "USER_AGENT": OWN_CLIENT,
            **{name: self._environment[name] for name in names},
        }


def error_code(error: ClientError) -> str:
    """AWS's code of a client error, such as ``EntityNotFoundException``."""
    return str(error.response.get("Error", {}).get("Code", ""))
