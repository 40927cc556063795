"""How the tests' Spark differs from Glue's: small, quiet, on two cores, its S3 on this machine."""

from pathlib import Path

from tests.lakehouse.embedded_aws import CREDENTIALS, ROOT

JARS = ROOT / ".cache" / "jars"
LOG_STORE = ROOT / ".cache" / "log-store" / "lakehouse-log-store.jar"
RETRY_AT_ONCE = {
    "attempts.maximum": "1",
    "retry.limit": "20",
    "retry.interval": "5ms",
    "retry.throttle.limit": "20",
    "retry.throttle.interval": "5ms",
}
"""Of S3A, whose answers come from this machine: where many fail on purpose, waiting is all that would take time."""
QUICKLY_COMPILED = "-XX:TieredStopAtLevel=1"
"""For few rows, better code costs more time than it gains."""
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"


def spark_options(endpoint: str, scratch: Path, compiler: str = QUICKLY_COMPILED) -> dict[str, str]:
    """Spark configuration for Delta on the S3 at `endpoint`; `scratch` takes temporary files.

    The JVM's zone is far from UTC, so that whatever leans on it instead of the session's zone fails.
    """
    jars = sorted(str(path) for path in JARS.glob("*.jar"))
    if not jars or not LOG_STORE.exists():
        raise RuntimeError(f"{JARS} holds no jar of Delta, or {LOG_STORE} is missing: run `make setup`")
    executor = {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, "PYTHONPATH": str(ROOT)}
    s3a = {
        "impl": S3A,
        "endpoint": endpoint,
        "endpoint.region": CREDENTIALS["AWS_DEFAULT_REGION"],
        "path.style.access": "true",
        "connection.ssl.enabled": "false",
        "access.key": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "secret.key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        **RETRY_AT_ONCE,
    }
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "3g",
        "spark.driver.extraClassPath": ":".join(jars),
        "spark.jars": str(LOG_STORE),
        "spark.delta.logStore.s3.impl": "lakehouse.S3ConditionalPutLogStore",
        "spark.driver.extraJavaOptions": (
            "-Duser.timezone=Asia/Kolkata -XX:ReservedCodeCacheSize=256m "
            f"-XX:+UseSerialGC -XX:SharedArchiveFile={JARS / 'classes.jsa'} {compiler}"
        ),
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        # For a hundred rows, plans that adapt and compiled stages cost twice the time of the work itself.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.cache.maxEntries": "5000",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "1",
        # What Delta and Spark remember of hundreds of lakes fills the memory, and then all time goes into freeing it.
        "spark.databricks.delta.delta.log.cacheSize": "50",
        "spark.sql.ui.retainedExecutions": "1",
        "spark.ui.retainedJobs": "1",
        "spark.ui.retainedStages": "1",
        "spark.ui.retainedTasks": "1",
        "spark.hadoop.fs.s3.impl": S3A,
        **{f"spark.hadoop.fs.s3a.{name}": value for name, value in s3a.items()},
        **{f"spark.executorEnv.{name}": value for name, value in executor.items()},
    }
