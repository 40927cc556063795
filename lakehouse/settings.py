"""Settings of the engine, from the environment and `config/config.yaml`; the same names on a laptop and on MWAA."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import boto3
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)
from yaml import YAMLError

from lakehouse.address import bucket_of
from lakehouse.logs import DEFAULT_LEVEL, LogLevel

DEFAULT_BUCKET_NAME = "ecommerce-lakehouse"
RESTRICTED_BUCKETS = {
    "clinical": "metriccare-metadata",
    "clinical.raw": "metriccare-raw-data",
    "clinical.bronze": "metriccare-bronze-data",
    "clinical.silver": "metriccare-silver-data",
    "clinical.rejected": "metriccare-silver-data",
    "clinical.gold": "metriccare-gold-data",
    "clinical.athena_queries": "metriccare-gold-data",
}
"""Buckets of data about patients, which shares none with other domains, unless `bucket_overrides` names some."""
CONFIG_FILE = Path("config/config.yaml")
"""Looked for where the process was started, unless `LAKEHOUSE_CONFIG_FILE` names another; need not be there."""


Backend = Literal["s3", "local"]


class StorageSettings(BaseModel):
    """Where the vault of market data is kept: `LAKEHOUSE_STORAGE__<FIELD>`."""

    model_config = ConfigDict(extra="forbid")

    backend: Backend = "s3"
    base_dir: str = ""
    """The folder of a local vault; `~` is the home directory."""
    bucket: str = Field(default="market-data-vault", min_length=3)
    domain: str = "market_data"
    """The domain whose layers live there, unless `bucket_overrides` says otherwise."""

    @property
    def place(self) -> str:
        """What `buckets` names: the bucket, or the absolute path of a local vault's folder.

        Raises ValueError where `local` has no `base_dir`.
        """
        if self.backend == "s3":
            return self.bucket
        if not self.base_dir:
            raise ValueError(
                "storage.backend is local: set storage.base_dir to the folder of the vault (the recorder's --base-dir)"
            )
        return str(Path(self.base_dir).expanduser().resolve())

    @model_validator(mode="after")
    def _no_folder_in_a_bucket(self) -> Self:
        # Steps and readers would look for the vault at the top of the bucket.
        if self.backend == "s3" and self.base_dir:
            raise ValueError(
                f"storage.base_dir is {self.base_dir!r}, but storage.backend is s3: a vault has a whole bucket. Leave "
                "storage.base_dir empty and name another storage.bucket, or set storage.backend to local"
            )
        return self


def config_file() -> Path:
    """The file of settings, whether or not it is there."""
    return Path(os.environ.get("LAKEHOUSE_CONFIG_FILE") or CONFIG_FILE)


class ConfigFile(YamlConfigSettingsSource):
    """The YAML file; an unknown key is an error, since nobody else writes there."""

    def __init__(self, settings_cls: type[BaseSettings], file: Path) -> None:
        super().__init__(settings_cls, yaml_file=file)
        unknown = sorted(set(self.yaml_data) - set(settings_cls.model_fields))
        if unknown:
            raise ValueError(f"{file}: unknown {', '.join(unknown)}; see docs/configuration.md")

    def _read_file(self, file_path: Path) -> dict[str, Any]:
        try:
            content: object = super()._read_file(file_path)
        except (YAMLError, UnicodeDecodeError, OSError) as error:
            raise ValueError(f"{file_path} cannot be read as YAML: {' '.join(str(error).split())}") from error
        if not isinstance(content, dict):
            raise ValueError(f"{file_path} must hold settings by name, such as storage:")  # noqa: TRY004
        return {str(name): value for name, value in content.items()}


class Settings(BaseSettings):
    """Every field can be set by `LAKEHOUSE_<FIELD>`; bucket and region keep the names of the e-commerce system."""

    model_config = SettingsConfigDict(
        env_prefix="LAKEHOUSE_", extra="ignore", populate_by_name=True, env_nested_delimiter="__"
    )

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
    job_prefixes: dict[str, str] = Field(default_factory=dict)
    """JSON, domain → prefix, for domains whose Glue jobs, and so their role, are their own."""
    glue_role: str = "lakehouse-glue"
    glue_version: str = "6.0"
    worker_type: str = "G.1X"
    number_of_workers: int = Field(default=2, ge=2)
    """The original system ran 10; two suffice for a day's orders."""
    job_timeout_minutes: int = Field(default=120, ge=1)
    athena_work_group: str = "lakehouse"
    mwaa_environment: str | None = None
    """Name of the environment of MWAA that a deployment switches; None where Airflow is another's, as on a laptop."""
    evidence_key_secret: str = "lakehouse/clinical/evidence-key"  # noqa: S105 - its name
    """Secret of AWS Secrets Manager whose value, 32 bytes or more, keys the hashes of clinical evidence."""
    log_level: LogLevel | None = None
    """From which on logs are written. Unset: INFO in Glue jobs, WARNING on the command line."""
    openlineage_url: str = ""
    """Endpoint that OpenLineage events are posted to, besides being kept in the lake; empty: none."""
    backfill_budget_usd: float = Field(default=0, ge=0)
    """What a domain's backfills may cost in 24 hours until somebody confirms more; 0: no limit."""
    environment: str = "dev"
    """The environment whose policies in the contracts count, such as `schemaPolicy`."""
    storage: StorageSettings = Field(default_factory=StorageSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        file = ConfigFile(settings_cls, config_file())
        return init_settings, env_settings, dotenv_settings, file_secret_settings, file

    def buckets(self, domain: str) -> dict[str, str]:
        """Layer → bucket of a domain, or folder of a local vault, `*` standing for every layer not named.

        `scripts` is what `deploy` uploads, suites among it: once, for all domains, whatever buckets they have.

        Asks STS for the account id when no bucket name is set, so never call it while a DAG is parsed.
        """
        named = _of_domain(self.bucket_overrides, domain) or _of_domain(RESTRICTED_BUCKETS, domain)
        shared = self.resolved_bucket_name()
        default = self.storage.place if domain == self.storage.domain else shared
        layers = {"*": default, **named}
        if bucket_of("scripts", layers) != shared:
            layers["scripts"] = shared
        return layers

    def resolved_bucket_name(self) -> str:
        """The bucket name, completed with the account id where the default is used."""
        return self.bucket_name or f"{DEFAULT_BUCKET_NAME}-{account_id(self.region)}"

    @property
    def job_log_level(self) -> LogLevel:
        """From which on a Glue job writes its logs."""
        return self.log_level or DEFAULT_LEVEL

    def job_name(self, step: str, domain: str | None = None) -> str:
        """The Glue job of a step, such as `lakehouse-raw_to_bronze`; a domain's own where it has some."""
        return f"{self.job_prefixes.get(domain or '', self.job_prefix)}{step}"

    def all_job_prefixes(self) -> list[str]:
        """Every prefix that some domain's jobs have, and the common one."""
        return sorted({self.job_prefix, *self.job_prefixes.values()})


def _of_domain(buckets: Mapping[str, str], domain: str) -> dict[str, str]:
    """Layer → bucket; `*` is what the domain's own name stands for."""
    parts = {key.partition("."): bucket for key, bucket in buckets.items()}
    return {layer or "*": bucket for (name, _, layer), bucket in parts.items() if name == domain}


@cache
def account_id(region: str) -> str:
    """The caller's AWS account."""
    return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
