"""Settings of the engine, read from the environment; the same names on a laptop and on MWAA."""

from functools import cache

import boto3
from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_BUCKET_NAME = "ecommerce-lakehouse"


class Settings(BaseSettings):
    """Every field can be set by `LAKEHOUSE_<FIELD>`; bucket and region keep the names of the e-commerce system."""

    model_config = SettingsConfigDict(env_prefix="LAKEHOUSE_", extra="ignore", populate_by_name=True)

    bucket_name: str | None = Field(
        default=None, validation_alias=AliasChoices("ECOM_S3_BUCKET_NAME", "bucket_name")
    )
    """Used as given. Unset: `ecommerce-lakehouse-<account id>`."""
    region: str = Field(default="us-east-1", validation_alias=AliasChoices("ECOM_AWS_REGION", "region"))
    bucket_overrides: dict[str, str] = Field(
        default_factory=dict, validation_alias=AliasChoices("LAKEHOUSE_BUCKETS", "bucket_overrides")
    )
    """JSON, `<domain>` or `<domain>.<layer>` → bucket, for domains that do not live in the one bucket."""
    job_prefix: str = "lakehouse-"
    glue_role: str = "lakehouse-glue"
    glue_version: str = "6.0"
    worker_type: str = "G.1X"
    number_of_workers: int = Field(default=2, ge=2)
    """The original system ran 10; two suffice for a day's orders."""
    job_timeout_minutes: int = Field(default=120, ge=1)
    athena_work_group: str = "lakehouse"
    environment: str = "dev"
    """The environment whose policies in the contracts count, such as `schemaPolicy`."""

    def buckets(self, domain: str) -> dict[str, str]:
        """Layer → bucket of a domain, `*` standing for every layer not named.

        Asks STS for the account id when no bucket name is set, so never call it while a DAG is parsed.
        """
        shared = self.bucket_overrides.get(domain) or self.resolved_bucket_name()
        named = {
            key.split(".", 1)[1]: bucket
            for key, bucket in self.bucket_overrides.items()
            if key.startswith(f"{domain}.")
        }
        return {"*": shared, **named}

    def resolved_bucket_name(self) -> str:
        """The bucket name, completed with the account id where the default is used."""
        return self.bucket_name or f"{DEFAULT_BUCKET_NAME}-{account_id(self.region)}"

    def job_name(self, step: str) -> str:
        """The Glue job of a step, such as `lakehouse-raw_to_bronze`."""
        return f"{self.job_prefix}{step}"


@cache
def account_id(region: str) -> str:
    """The caller's AWS account."""
    return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
