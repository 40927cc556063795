"""What survives a stop, and what a crash may lose."""

import io
import json
import os
import signal

import pytest

DELTA = {
    "Name": "Orders",
    "Parameters": {"table_type": "delta"},
    "StorageDescriptor": {
        "Location": "s3://lake/silver/orders",
        "Columns": [{"Name": "id", "Type": "bigint"}],
    },
}


@pytest.fixture
def filled(lone_server):
    """A server with something of everything that is kept."""
    s3, glue = lone_server.client("s3"), lone_server.client("glue")
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "t", "Status": "Enabled", "Filter": {"Prefix": "temp/"}, "Expiration": {"Days": 7}}
    s3.put_bucket_lifecycle_configuration(Bucket="lake", LifecycleConfiguration={"Rules": [rule]})
    policy = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::lake/*",
    }
    s3.put_bucket_policy(Bucket="lake", Policy=json.dumps({"Statement": [policy]}))
    for body in (b"one", b"two"):
        s3.put_object(Bucket="lake", Key="k", Body=body, Metadata={"n": body.decode()}, Tagging="team=lake")
    s3.put_object(Bucket="lake", Key="gone", Body=b"x")
    s3.delete_object(Bucket="lake", Key="gone")
    s3.upload_fileobj(io.BytesIO(os.urandom(9_000_000)), "lake", "big")
    glue.create_database(DatabaseInput={"Name": "shop_silver"})
    glue.create_table(DatabaseName="shop_silver", TableInput=DELTA)
    partitioned = {
        **DELTA,
        "Name": "plain",
        "Parameters": {},
        "PartitionKeys": [{"Name": "date", "Type": "date"}],
    }
    glue.create_table(DatabaseName="shop_silver", TableInput=partitioned)
    part = {"Values": ["2026-01-01"], "StorageDescriptor": {"Location": "s3://lake/p"}}
    glue.create_partition(DatabaseName="shop_silver", TableName="plain", PartitionInput=part)
    glue.create_job(Name="j", Role="r", Command={"Name": "glueetl", "ScriptLocation": "s3://lake/none.py"})
    run = glue.start_job_run(JobName="j")["JobRunId"]
    over = {"SUCCEEDED", "FAILED"}
    state = lambda: glue.get_job_run(JobName="j", RunId=run)["JobRun"]["JobRunState"]  # noqa: E731
    lone_server.wait_until(lambda: state() in over, "the run to end", 20)
    return lone_server


def described(server):
    """Everything that must survive, as clients see it."""
    s3, glue = server.client("s3"), server.client("glue")
    big = s3.get_object(Bucket="lake", Key="big")
    versions = s3.list_object_versions(Bucket="lake")
    return {
        "k": [
            s3.get_object(Bucket="lake", Key="k", VersionId=version["VersionId"])["Body"].read()
            for version in versions["Versions"]
            if version["Key"] == "k"
        ],
        "k metadata": s3.head_object(Bucket="lake", Key="k")["Metadata"],
        "tags": s3.get_object_tagging(Bucket="lake", Key="k")["TagSet"],
        "big": (big["ETag"], big["Body"].read()),
        "versions": [
            (v["Key"], v["VersionId"], v["LastModified"], v["IsLatest"]) for v in versions["Versions"]
        ],
        "markers": [(v["Key"], v["VersionId"]) for v in versions["DeleteMarkers"]],
        "versioning": s3.get_bucket_versioning(Bucket="lake")["Status"],
        "lifecycle": s3.get_bucket_lifecycle_configuration(Bucket="lake")["Rules"],
        "policy": s3.get_bucket_policy(Bucket="lake")["Policy"],
        "table": glue.get_table(DatabaseName="shop_silver", Name="orders")["Table"],
        "partition": glue.get_partitions(DatabaseName="shop_silver", TableName="plain")["Partitions"],
        "job": glue.get_job(JobName="j")["Job"],
        "runs": glue.get_job_runs(JobName="j")["JobRuns"],
    }


def files(server):
    return {path.name for path in (server.state_dir / "objects").glob("??/*")}


def test_stop_and_start_keep_everything(filled):
    before = described(filled)
    assert before["k"] == [b"two", b"one"]
    assert filled.stop() == b"", "the server prints nothing"
    filled.start()
    assert described(filled) == before
    # Bodies: two of k, one of gone (kept under its delete marker), one of big.
    assert len(files(filled)) == 4


def test_kill_loses_at_most_the_last_seconds(filled):
    before = described(filled)
    saved = filled.state_dir / "s3.state"
    stamp = saved.stat().st_mtime if saved.exists() else 0
    filled.client("s3").put_object(Bucket="lake", Key="marker", Body=b"")
    filled.wait_until(lambda: saved.exists() and saved.stat().st_mtime > stamp, "the next save", 15)
    filled.client("s3").delete_object(Bucket="lake", Key="marker")
    filled.stop(signal.SIGKILL)
    filled.start()
    after = described(filled)
    del before["versions"], after["versions"], before["markers"], after["markers"]
    assert after == before


def test_kill_in_the_middle_of_writing_leaves_a_whole_state(lone_server):
    s3 = lone_server.client("s3")
    s3.create_bucket(Bucket="lake")
    for number in range(300):
        s3.put_object(Bucket="lake", Key=f"k{number % 50}", Body=b"%d" % number)
        if number % 3 == 0:
            s3.delete_object(Bucket="lake", Key=f"k{number % 50}")
    saved = lone_server.state_dir / "s3.state"
    lone_server.wait_until(saved.exists, "the first save", 15)
    lone_server.stop(signal.SIGKILL)
    lone_server.start()
    s3 = lone_server.client("s3")
    listed = s3.list_objects_v2(Bucket="lake").get("Contents", [])
    for item in listed:
        assert len(s3.get_object(Bucket="lake", Key=item["Key"])["Body"].read()) == item["Size"]
    assert len(files(lone_server)) == len(listed), "no body without an object"


def test_port_in_use_is_told_in_a_sentence(storage, tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "local_aws", "serve", "--port", str(storage.port), "--no-trino"]
    command += ["--state-dir", str(tmp_path), "--no-warm"]
    from pathlib import Path

    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)
    assert done.returncode == 1
    assert f"Port {storage.port} of 127.0.0.1 is taken" in done.stderr
