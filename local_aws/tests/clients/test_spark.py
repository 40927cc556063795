"""Spark by itself, with Hadoop's S3A and nothing of the server's: it writes, renames, appends, lists and reads."""

import json
import os
import shlex
import subprocess

import pytest

from local_aws.tests.conftest import GLUE_PYTHON, JARS

pytestmark = pytest.mark.stack

PART_BYTES = 5 << 20
SCRIPT = """
import json, sys
from pyspark.sql import SparkSession, functions as F
root = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
found = {}

# Committed by renames, as Hadoop does without a committer for S3.
sales = spark.range(10).select((F.col("id") % 2).alias("day"), F.col("id").alias("amount"))
sales.write.partitionBy("day").parquet(f"{root}/sales")
sales.filter("amount >= 8").write.mode("append").partitionBy("day").parquet(f"{root}/sales")
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
spark.sql("SELECT 100L AS amount, 1L AS day").write.mode("overwrite").partitionBy("day").parquet(f"{root}/sales")
sums = spark.read.parquet(f"{root}/sales").groupBy("day").sum("amount").orderBy("day")
found["sums"] = [list(row) for row in sums.collect()]

# No text of random bits is made small, so that one file is sent in many parts.
large = spark.range(0, 400_000, 1, 1).select("id", F.sha2(F.col("id").cast("string"), 512).alias("word"))
large.write.option("compression", "none").parquet(f"{root}/large")
back = spark.read.parquet(f"{root}/large")
found["large"] = [back.count(), back.where("id = 399999").first()["word"][:16]]

# Committed by completing uploads that tasks left open.
committing = {
    "fs.s3a.committer.name": "magic",
    "mapreduce.outputcommitter.factory.scheme.s3a": "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
}
spark.sparkContext.parallelize([(str(number), "") for number in range(6)], 3).saveAsNewAPIHadoopFile(
    f"{root}/magic",
    "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat",
    "org.apache.hadoop.io.Text",
    "org.apache.hadoop.io.Text",
    conf=committing,
)
found["magic"] = sorted(int(row.value) for row in spark.read.text(f"{root}/magic").collect())

files = spark.sparkContext._jvm.org.apache.hadoop.fs
path = files.Path(f"{root}/sales")
system = path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
system.rename(path, files.Path(f"{root}/moved"))
found["renamed"] = [system.exists(path), spark.read.parquet(f"{root}/moved").count()]
system.delete(files.Path(f"{root}/moved"), True)
found["deleted"] = system.exists(files.Path(f"{root}/moved"))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def spark_environment(storage):
    """Of a process whose Spark finds S3A in the jars, and the server in its settings."""
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.hadoop.fs.s3a.endpoint": storage.endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.access.key": "test",
        "spark.hadoop.fs.s3a.secret.key": "test",
        "spark.hadoop.fs.s3a.multipart.size": str(PART_BYTES),
        "spark.hadoop.fs.s3a.multipart.threshold": str(PART_BYTES),
    }
    words = ["--driver-class-path", os.pathsep.join(map(str, JARS.glob("*.jar")))]
    words += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    submit = shlex.join([*words, "pyspark-shell"])
    return {**os.environ, "PYSPARK_PYTHON": str(GLUE_PYTHON), "PYSPARK_SUBMIT_ARGS": submit}


def test_spark_writes_commits_renames_and_reads(s3, bucket, spark_environment):
    done = subprocess.run(
        [GLUE_PYTHON, "-c", SCRIPT, f"s3a://{bucket}"],
        check=False,
        env=spark_environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        # 0 + 2 + 4 + 6 + 8 and 8 once more; the other partition was replaced.
        "sums": [[0, 28], [1, 100]],
        # By sha512sum of 399999.
        "large": [400_000, "cf33ceaea42464c6"],
        "magic": [0, 1, 2, 3, 4, 5],
        "renamed": [False, 7],
        "deleted": False,
    }
    listed = {item["Key"]: item for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    (large,) = [item for key, item in listed.items() if key.startswith("large/part-")]
    assert large["Size"] > 10 * PART_BYTES
    parts = int(large["ETag"].strip('"').rpartition("-")[2])
    assert parts == -(-large["Size"] // PART_BYTES)
    told = json.loads(s3.get_object(Bucket=bucket, Key="magic/_SUCCESS")["Body"].read())
    assert told["committer"] == "magic"
    assert not [key for key in listed if key.startswith(("sales/", "moved/")) or "_temporary" in key]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
