"""The Spark session of a step. On Glue the job's `--conf` configures it; this adds what every step relies on."""

from pyspark.sql import SparkSession

STEP_CONF = {
    # Instants are UTC everywhere; Athena reads timestamps as UTC as well.
    "spark.sql.session.timeZone": "UTC",
    # A retried merge must not reorder rows between its two passes over the source.
    "spark.databricks.delta.merge.materializeSource": "auto",
    "spark.databricks.delta.schema.autoMerge.enabled": "false",
    # A step reads the version that was taken in last, however old; its files stay (lakehouse/steps/versions_in_use.py).
    # Delta would refuse it for its age from the moment on that there is a newer one.
    "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration": "false",
}


def spark_session(name: str) -> SparkSession:
    """The session of this job, created where none is active."""
    return _configured(SparkSession.builder.appName(name).getOrCreate())


def session_of_its_own(spark: SparkSession) -> SparkSession:
    """A session on the same Spark whose settings no other thread sees."""
    return _configured(spark.newSession())


def _configured(spark: SparkSession) -> SparkSession:
    for key, value in STEP_CONF.items():
        spark.conf.set(key, value)
    return spark
