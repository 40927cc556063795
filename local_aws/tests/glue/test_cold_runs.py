"""Runs in fresh processes, and the end of the server while a job runs."""

import signal
import subprocess

import pytest

pytestmark = pytest.mark.stack

COUNT = (
    "from pyspark.sql import SparkSession\n"
    "spark = SparkSession.builder.getOrCreate()\n"
    "spark.range(10).write.parquet('s3://jobs/cold')\n"
    "print(spark.read.parquet('s3a://jobs/cold').count(), spark.conf.get('spark.mine'))\n"
)


@pytest.fixture
def cold(lone_server, jobs):
    return type(jobs)(lone_server)


def children(server):
    found = subprocess.run(
        ["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def alive(pids):
    listed = ["ps", "-o", "pid=,args=", "-p", ",".join(map(str, pids))]
    return subprocess.run(listed, capture_output=True, check=False).stdout


def test_cold_run_has_the_same_outcome(cold):
    run = cold.run(cold.create("cold", COUNT), conf="spark.mine=a b")
    assert run.get("ErrorMessage") is None
    assert cold.lines(run["Id"]) == ["10 a b"]
    run = cold.run(cold.create("bad", "raise ValueError('bad')"))
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: bad")


MEETS = (
    "import boto3, sys, time\n"
    "from pyspark.sql import SparkSession\n"
    "spark = SparkSession.builder.getOrCreate()\n"
    "s3, mine = boto3.client('s3'), sys.argv[sys.argv.index('--JOB_NAME') + 1]\n"
    "s3.put_object(Bucket='jobs', Key=f'alive/{mine}', Body=b'')\n"
    "while s3.list_objects_v2(Bucket='jobs', Prefix='alive/')['KeyCount'] < 2:\n"
    "    time.sleep(0.1)\n"
    "print(spark.range(10).count())\n"
)


def test_two_cold_runs_are_alive_at_once(cold):
    runs = [cold.start(cold.create(name, MEETS, Timeout=10)) for name in ("one", "other")]
    ended = [cold.wait(run) for run in runs]
    assert [run["JobRunState"] for run in ended] == ["SUCCEEDED"] * 2
    assert [cold.lines(run.id) for run in runs] == [["10"]] * 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stop", "crash"])
def test_run_that_the_server_leaves_is_failed(cold, lone_server, number):
    run = cold.start(cold.create("sleepy", "import time\nprint('began')\ntime.sleep(600)"))
    lone_server.wait_until(lambda: cold.lines(run.id) == ["began"], "the job to begin", 60)
    jobs_pids = children(lone_server)
    if number is signal.SIGKILL:
        saved = lone_server.state_dir / "glue.state"
        lone_server.wait_until(
            lambda: saved.exists() and run.id.encode() in saved.read_bytes(), "the run to be saved", 15
        )
    lone_server.stop(number)
    lone_server.start()
    found = cold.get(run)
    assert found["JobRunState"] == "FAILED"
    assert "which was stopped" in found["ErrorMessage"]
    lone_server.wait_until(lambda: not alive(jobs_pids), "the job's processes to end", 10)
