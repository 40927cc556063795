"""How Spark is started and what each job finds in its configuration."""

import os
import shlex
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from local_aws.config import Config
from local_aws.glue.credentials import Credentials

# C1 alone would get 48 MB for compiled code, which Spark fills within a job: it would be swept and made again.
JVM_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Xshare:auto -Duser.timezone=UTC"
)
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "USER", "LOGNAME", "TMPDIR", "SSL_CERT_FILE", "JAVA_HOME")
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"


@lru_cache
def spark_home(python: Path) -> Path:
    """Folder of the pyspark that an interpreter imports.

    Raises:
        FileNotFoundError: The interpreter, or pyspark in it, is missing.
    """
    if not python.exists():
        raise FileNotFoundError(f"There is no Glue interpreter at {python}: set LOCAL_AWS_GLUE_PYTHON")
    code = "from importlib.util import find_spec as f; s = f('pyspark'); print(s.origin if s else '')"
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    if not done.stdout.strip():
        raise FileNotFoundError(f"{python} has no pyspark: install pyspark and delta-spark into it")
    return Path(done.stdout.strip()).parent


def java_home(config: Config) -> Path | None:
    """Java 17 for Spark: as configured, else ``JAVA_HOME``, else that of ``java`` on the path."""
    if config.glue_java_home:
        return config.glue_java_home
    if os.environ.get("JAVA_HOME"):
        return Path(os.environ["JAVA_HOME"])
    java = shutil.which("java")
    return Path(java).resolve().parent.parent if java else None


def jars(config: Config) -> list[Path]:
    """Jars for the driver's class path."""
    return sorted(config.jars_dir.glob("*.jar"))


def base_environment(config: Config) -> dict[str, str]:
    """Environment of every process of Spark and of the scripts: nothing of the server's own leaks in."""
    home = java_home(config)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        **({"JAVA_HOME": str(home)} if home else {}),
        "PATH": os.pathsep.join([str(config.glue_python.parent), inherited.get("PATH", os.defpath)]),
        "SPARK_HOME": str(spark_home(config.glue_python)),
        "PYSPARK_PYTHON": str(config.glue_python),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }


def job_environment(config: Config, credentials: Credentials) -> dict[str, str]:
    """What a script finds in its environment: the endpoint and its role's credentials, as on Glue."""
    return base_environment(config) | config.client_environment() | credentials.environment()


def class_archive(config: Config) -> Path:
    """The archive of Spark's classes, beside the jars that it is made from; see ``class_archive.py``."""
    return config.jars_dir / "classes.jsa"


def submit_arguments(config: Config, extra_jars: list[Path], sharing: str = "") -> list[str]:
    """Arguments of spark-submit that cannot be changed in a JVM that runs.

    Args:
        config: Settings of the server.
        extra_jars: Not on the JVM's own class path, which must be the one that the archive was made with.
        sharing: The JVM's option about the archive of classes; without it the archive is used where it exists.
    """
    class_path = os.pathsep.join(str(jar) for jar in jars(config))
    archive = class_archive(config)
    if not sharing and archive.exists():
        sharing = f"-XX:SharedArchiveFile={archive}"
    return [
        *("--master", config.spark_master, "--driver-memory", config.spark_driver_memory),
        *("--driver-class-path", class_path, "--driver-java-options", f"{JVM_OPTIONS} {sharing}"),
        *(("--jars", ",".join(str(jar) for jar in extra_jars)) if extra_jars else ()),
        *("--conf", "spark.ui.enabled=false"),
    ]


def submit_line(submit: list[str], conf: dict[str, str]) -> str:
    """``PYSPARK_SUBMIT_ARGS`` of a process that starts its own JVM."""
    words = [word for key, value in conf.items() for word in ("--conf", f"{key}={value}")]
    return shlex.join([*submit, *words, "pyspark-shell"])


def job_conf(
    config: Config, name: str, scratch: Path, python_path: list[Path], credentials: Credentials
) -> dict[str, str]:
    """Spark settings under a job's own: S3A to this server, and sizes that fit a laptop.

    For what fits on a laptop a query costs its plan and its tasks, hardly its rows: one task a stage, and no plan
    that is made again after every stage.
    """
    return {
        "spark.app.name": name,
        "spark.master": config.spark_master,
        "spark.submit.deployMode": "client",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(scratch),
        **_executor_environment(config, python_path, credentials),
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        # A job's compiled stages are the next job's too, and a pipeline has more than the default 100.
        "spark.sql.codegen.cache.maxEntries": "5000",
        "spark.default.parallelism": "2",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
        "spark.databricks.delta.snapshotPartitions": "1",
        **s3a_conf(config, credentials),
    }


def _executor_environment(
    config: Config, python_path: list[Path], credentials: Credentials
) -> dict[str, str]:
    """What Python code on executors finds: the job's modules, the endpoint and the role's credentials."""
    environment = config.client_environment() | credentials.environment()
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in python_path)
    return {f"spark.executorEnv.{name}": value for name, value in environment.items()}


def s3a_conf(config: Config, credentials: Credentials) -> dict[str, str]:
    """Hadoop's S3A pointed at this server; ``s3://`` and ``s3a://`` are the same, as on Glue 6."""
    options = {
        "fs.s3.impl": S3A,
        "fs.s3a.impl": S3A,
        "fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
        "fs.s3a.endpoint": config.endpoint,
        "fs.s3a.endpoint.region": config.region,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": "false",
        "fs.s3a.attempts.maximum": "3",
        "fs.s3a.retry.limit": "3",
        **credentials.s3a(),
    }
    return {f"spark.hadoop.{key}": value for key, value in options.items()}
