"""Libraries of frames, each in the interpreter in which it is installed: Polars and DuckDB read and write S3."""

import json
import os
import subprocess

from local_aws.tests.conftest import GLUE_PYTHON

POLARS = """
import json, sys
import polars as pl
root = sys.argv[1]
frame = pl.DataFrame({"day": ["a", "a", "b"], "amount": [1, 2, 3]})
frame.write_parquet(f"{root}/one.parquet")
frame.write_csv(f"{root}/one.csv")
frame.with_columns(amount=pl.col("amount") * 10).write_parquet(f"{root}/two.parquet")
lazy = pl.scan_parquet(f"{root}/*.parquet").group_by("day").agg(pl.col("amount").sum()).sort("day")
print(json.dumps({
    "csv": pl.read_csv(f"{root}/one.csv")["amount"].to_list(),
    "sums": lazy.collect()["amount"].to_list(),
    "filtered": pl.scan_parquet(f"{root}/two.parquet").filter(pl.col("day") == "b").collect()["amount"].to_list(),
}))
"""
DUCKDB = """
import json, sys
from importlib.resources import files
import duckdb
root, endpoint = sys.argv[1:]
db = duckdb.connect()
found = files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
db.execute(f"LOAD '{found}'")
db.execute(f"CREATE SECRET (TYPE s3, KEY_ID 'test', SECRET 'test', REGION 'us-east-1', ENDPOINT '{endpoint}', "
           "URL_STYLE 'path', USE_SSL false)")
"""
PARTITIONS = """
db.execute(f"COPY (SELECT range AS n, range % 2 AS part FROM range(10)) TO '{root}/d' "
           "(FORMAT parquet, PARTITION_BY (part))")
source = f"read_parquet('{root}/d/*/*.parquet', hive_partitioning = true)"
print(json.dumps({
    "sums": db.execute(f"SELECT part, sum(n)::int FROM {source} GROUP BY 1 ORDER BY 1").fetchall(),
    "pruned": db.execute(f"SELECT list(n ORDER BY n) FROM {source} WHERE part = 1").fetchone()[0],
    "files": db.execute(f"SELECT count(*) FROM glob('{root}/d/part=*/*.parquet')").fetchone()[0],
}))
"""
LARGE = """
db.execute("SET s3_uploader_max_filesize = '50GB'")  # makes parts of 5 MB, the least that S3 takes
db.execute(f"COPY (SELECT range AS n, md5(range::text) AS word FROM range(1000000)) TO '{root}/large.parquet' "
           "(FORMAT parquet, COMPRESSION uncompressed)")
source = f"read_parquet('{root}/large.parquet')"
print(json.dumps({
    "rows": db.execute(f"SELECT count(*), count(DISTINCT word), sum(n)::bigint FROM {source}").fetchone(),
    "last": db.execute(f"SELECT word FROM {source} WHERE n = 999999").fetchone()[0],
}))
"""
MD5_OF_999999 = "52c69e3a57331081823331c4e69d3f2e"
PART_BYTES_MIN = 5_000_000


def run(script, *arguments):
    """What a script prints, as JSON, run where nothing but the environment tells of the server."""
    done = subprocess.run(
        [GLUE_PYTHON, "-c", script, *arguments], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_polars_writes_scans_and_filters(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    found = run(POLARS, f"s3://{bucket}/frames")
    assert found == {"csv": [1, 2, 3], "sums": [33, 33], "filtered": [30]}


def duckdb(script, bucket):
    return run(DUCKDB + script, f"s3://{bucket}", os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"))


def test_duckdb_writes_globs_and_prunes_partitions(bucket):
    found = duckdb(PARTITIONS, bucket)
    assert found == {"sums": [[0, 20], [1, 25]], "pruned": [1, 3, 5, 7, 9], "files": 2}


def test_duckdb_sends_a_large_file_in_parts(s3, bucket):
    found = duckdb(LARGE, bucket)
    assert found == {"rows": [1_000_000, 1_000_000, 499_999_500_000], "last": MD5_OF_999999}
    head = s3.head_object(Bucket=bucket, Key="large.parquet")
    parts = int(head["ETag"].strip('"').rpartition("-")[2])
    assert parts >= 5
    assert head["ContentLength"] > (parts - 1) * PART_BYTES_MIN
