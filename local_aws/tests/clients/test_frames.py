"""Libraries of frames, each in the interpreter in which it is installed: Polars reads and writes S3 by itself."""

import json
import os
import subprocess

import pytest

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
import duckdb
root, endpoint = sys.argv[1:]
db = duckdb.connect()
try:
    db.execute("LOAD httpfs")
except duckdb.Error as error:
    print(json.dumps({"missing": str(error).splitlines()[0]}))
    raise SystemExit
db.execute(f"CREATE SECRET (TYPE s3, KEY_ID 'test', SECRET 'test', REGION 'us-east-1', ENDPOINT '{endpoint}', "
           "URL_STYLE 'path', USE_SSL false)")
db.execute(f"COPY (SELECT range AS n, range % 2 AS part FROM range(10)) TO '{root}/d' "
           "(FORMAT parquet, PARTITION_BY (part))")
print(json.dumps({"sums": db.execute(
    f"SELECT part, sum(n)::int FROM read_parquet('{root}/d/*/*.parquet', hive_partitioning = true) GROUP BY 1 "
    "ORDER BY 1"
).fetchall()}))
"""


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


def test_duckdb_writes_and_reads_partitions(bucket):
    found = run(DUCKDB, f"s3://{bucket}", os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"))
    if "missing" in found:
        pytest.skip(f"DuckDB's extension for S3 is not installed: {found['missing']}")
    assert found == {"sums": [[0, 20], [1, 25]]}
