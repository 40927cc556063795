"""Where the laptop's stack keeps its things, and the ports it listens on."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ACCOUNT = "123456789012"
METRICS_LOG_GROUP = "/lakehouse/metrics"
ROOT = Path(__file__).resolve().parents[3]


class Layout(BaseSettings):
    """Folders and ports; every field can be set by ``LAKEHOUSE_LAPTOP_<FIELD>``.

    Attributes:
        root: The checkout.
        state_dir: What survives ``down`` and ``up``: objects, catalog, Airflow's database, logs.
        cache_dir: What setup downloaded.
        aws_port: Port of every AWS service.
        trino_port: Port of Trino, behind Athena.
        airflow_port: Port of Airflow's UI and API.
        with_airflow: Whether the stack has Airflow.
        with_provision: Whether the stack makes what the lakehouse needs of the account; else Terraform does, say.
        arrivals: Whether files that arrive start runs by themselves.
        enforce_iam: Whether Airflow and the jobs may do only what the policies of their roles allow.
        database_url: Airflow's database, as SQLAlchemy names it; None is a file of SQLite in the state folder.
        bucket_name: Bucket of the lake; None is ``ecommerce-lakehouse-<account>``.
        region: AWS region.
    """

    model_config = SettingsConfigDict(
        env_prefix="LAKEHOUSE_LAPTOP_", extra="ignore", frozen=True, populate_by_name=True
    )

    root: Path = ROOT
    state_dir: Path = ROOT / ".lakehouse"
    cache_dir: Path = ROOT / ".cache"
    aws_port: int = Field(4566, ge=1, le=65535)
    trino_port: int = Field(8085, ge=1, le=65535)
    airflow_port: int = Field(8080, ge=1, le=65535)
    with_airflow: bool = True
    with_provision: bool = True
    arrivals: bool = False
    enforce_iam: bool = False
    database_url: str | None = Field(None, repr=False, exclude=True)
    bucket_name: str | None = Field(None, validation_alias="ECOM_S3_BUCKET_NAME")
    region: str = Field("us-east-1", validation_alias="ECOM_AWS_REGION")

    @field_validator("root", "state_dir", "cache_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        # Parts run in the checkout's folder, the command wherever its user is.
        return folder.absolute()

    @property
    def endpoint(self) -> str:
        """URL of every AWS service."""
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def airflow_url(self) -> str:
        """URL of Airflow's UI and API."""
        return f"http://127.0.0.1:{self.airflow_port}"

    @property
    def bucket(self) -> str:
        """The lake's bucket."""
        return self.bucket_name or f"ecommerce-lakehouse-{ACCOUNT}"

    @property
    def log_dir(self) -> Path:
        """Folder of one log per part."""
        return self.state_dir / "logs"

    @property
    def glue_python(self) -> Path:
        """Interpreter that runs Glue jobs."""
        return self.root / ".venv-glue" / "bin" / "python"

    @property
    def queue_url(self) -> str:
        """The queue of S3's events."""
        return f"{self.endpoint}/{ACCOUNT}/lakehouse-arrivals"

    @property
    def topic_arn(self) -> str:
        """The topic of alerts."""
        return f"arn:aws:sns:{self.region}:{ACCOUNT}:lakehouse-alerts"

    def client_environment(self) -> dict[str, str]:
        """Environment with which any AWS client, and the ``lakehouse`` command, reaches this stack."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "ECOM_S3_BUCKET_NAME": self.bucket,
            "ECOM_AWS_REGION": self.region,
            "LAKEHOUSE_AIRFLOW_URL": self.airflow_url,
        }
