"""Glue runs that are killed at a call, each with a JVM of its own."""

import subprocess
from types import SimpleNamespace

import pytest

from local_aws.faults.client import FaultClient
from local_aws.tests.glue.conftest import Jobs

pytestmark = pytest.mark.stack

WRITES_THREE = (
    "from pyspark.sql import SparkSession\n"
    "spark = SparkSession.builder.getOrCreate()\n"
    "for name in ('a', 'b', 'c'):\n"
    "    spark.range(1).coalesce(1).write.mode('overwrite').json(f's3://jobs/out/{name}')\n"
)
PUTS_FIVE = (
    "import boto3\n"
    "s3 = boto3.client('s3')\n"
    "for number in range(5):\n"
    "    s3.put_object(Bucket='jobs', Key=f'{PREFIX}/{number}', Body=b'')\n"
)
SLEEPS = "import time\nprint('began')\ntime.sleep(600)\n"
KILL = {"service": "s3", "operation": "PutObject", "fault": "kill_run"}


@pytest.fixture(scope="module")
def server(tmp_path_factory, storage):
    server = type(storage)(tmp_path_factory.mktemp("killed"), glue_warm="false", minute_seconds=4).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def jobs(server):
    return Jobs(server)


@pytest.fixture
def faults(server):
    client = FaultClient(server.endpoint)
    yield client
    client.clear()


def keys(jobs, prefix):
    return sorted(
        item["Key"].removeprefix(f"{prefix}/")
        for item in jobs.s3.list_objects_v2(Bucket="jobs", Prefix=f"{prefix}/").get("Contents", [])
    )


def processes_of(server):
    """Whatever still runs from a folder of this server."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if f"{server.state_dir}/tmp/run-" in line]


def test_a_spark_run_is_killed_with_its_jvm_and_the_next_run_works(server, jobs, faults):
    job = jobs.create("spark-killed", WRITES_THREE)
    # Of each write S3A puts a data file and a _SUCCESS; directories' markers match no pattern here.
    rule = KILL | {"resource": "jobs/out/*/_SUCCESS", "client": "hadoop", "nth": 2, "moment": "after"}
    faults.replace([rule])
    run = jobs.run(job)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "Command failed with exit code 137")
    written = keys(jobs, "out")
    assert {"a/_SUCCESS", "b/_SUCCESS"} <= set(written)
    assert not [key for key in written if key.startswith("c/")]
    (firing,) = faults.firings()
    assert (firing["run_id"], firing["ordinal"]) == (run["Id"], 2)
    server.wait_until(lambda: not processes_of(server), "script and JVM to be gone", 20)

    assert jobs.run(job)["JobRunState"] == "SUCCEEDED"
    assert "c/_SUCCESS" in keys(jobs, "out")
    assert server.health()["ready"]


@pytest.mark.parametrize(("moment", "kept"), [("before", ["0", "1"]), ("after", ["0", "1", "2"])])
def test_the_call_at_which_a_run_dies(jobs, faults, moment, kept):
    job = jobs.create(moment, PUTS_FIVE.replace("{PREFIX}", moment))
    faults.replace([KILL | {"job_name": moment, "nth": 3, "moment": moment}])
    assert jobs.run(job)["JobRunState"] == "FAILED"
    assert keys(jobs, moment) == kept


def test_a_rule_for_one_job_counts_no_call_of_others(jobs, faults):
    other = jobs.create("other", PUTS_FIVE.replace("{PREFIX}", "other"))
    mine = jobs.create("mine", PUTS_FIVE.replace("{PREFIX}", "mine"))
    faults.replace([KILL | {"job_name": "mine", "nth": 5}])
    jobs.put("test/key", b"")
    assert jobs.run(other)["JobRunState"] == "SUCCEEDED"
    assert jobs.run(mine)["JobRunState"] == "FAILED"
    assert keys(jobs, "mine") == ["0", "1", "2", "3"]
    assert faults.state()["rules"][0]["matched"] == 5


def test_of_two_runs_of_a_job_the_one_that_calls_dies(server, jobs, faults):
    waits = (
        "import boto3, time\n"
        "s3 = boto3.client('s3')\n"
        "print('began')\n"
        "while not s3.list_objects_v2(Bucket='jobs', Prefix='go')['KeyCount']:\n"
        "    time.sleep(0.1)\n"
    )
    first = jobs.start(jobs.create("older", SLEEPS))
    second = jobs.start(jobs.create("younger", waits + "s3.put_object(Bucket='jobs', Key='twin', Body=b'')"))
    server.wait_until(lambda: jobs.lines(first.id) == jobs.lines(second.id) == ["began"], "both to begin", 60)
    faults.replace([KILL | {"resource": "jobs/twin", "nth": 1}])
    jobs.put("go", b"")
    assert jobs.wait(second)["JobRunState"] == "FAILED"
    assert jobs.state(first) == "RUNNING"
    jobs.glue.batch_stop_job_run(JobName=first.name, JobRunIds=[first.id])
    assert jobs.wait(first)["JobRunState"] == "STOPPED"


def test_a_lost_run_is_told_to_who_asks_for_it(server, jobs, faults):
    run = jobs.start(jobs.create("lost", SLEEPS))
    server.wait_until(lambda: jobs.lines(run.id) == ["began"], "the job to begin", 60)
    faults.replace([{"service": "glue", "operation": "GetJobRun", "fault": "run_lost", "nth": 2}])
    assert jobs.state(run) == "RUNNING"
    assert jobs.state(run) in {"RUNNING", "FAILED"}
    found = jobs.wait(run)
    assert found["JobRunState"] == "FAILED"
    assert found["ErrorMessage"] == "Internal service error: the worker of the job run was lost"


def test_a_run_is_lost_as_soon_as_it_starts(jobs, faults):
    job = jobs.create("stillborn", SLEEPS)
    faults.replace([{"service": "glue", "operation": "StartJobRun", "fault": "run_lost", "nth": 1}])
    run = jobs.start(job)
    found = jobs.wait(run)
    assert (found["Id"], found["JobRunState"]) == (run.id, "FAILED")
    assert faults.firings()[0]["run_id"] == run.id


def test_a_start_whose_reply_is_lost_has_started(server, jobs, faults):
    job = jobs.create("started", SLEEPS)
    faults.replace([{"service": "glue", "operation": "StartJobRun", "fault": "lost_reply", "nth": 1}])
    # The SDK asks again, and meets the run that its first try has started.
    with pytest.raises(jobs.glue.exceptions.ConcurrentRunsExceededException):
        jobs.start(job)
    (run,) = jobs.glue.get_job_runs(JobName=job)["JobRuns"]
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run["Id"]])
    server.wait_until(
        lambda: jobs.get(SimpleNamespace(name=job, id=run["Id"]))["JobRunState"] == "STOPPED", "the stop"
    )


def test_a_kill_without_a_run_leaves_the_call_alone(jobs, faults):
    faults.replace([KILL | {"nth": 1}])
    jobs.put("alone", b"")
    (firing,) = faults.firings()
    assert firing["run_id"] is None


def test_a_warm_run_is_killed_with_the_resident_jvm(glue_server):
    jobs = Jobs(glue_server, bucket="killed-warm")
    job = jobs.create("warm-killed", WRITES_THREE.replace("s3://jobs", "s3://killed-warm"))
    faults = FaultClient(glue_server.endpoint)
    faults.replace([KILL | {"resource": "killed-warm/out/*/_SUCCESS", "nth": 2}])
    run = jobs.run(job)
    faults.clear()
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "Command failed with exit code 137")
    found = jobs.s3.list_objects_v2(Bucket="killed-warm", Prefix="out/")["Contents"]
    # A JVM that outlived the script would try the put again.
    assert [item["Key"] for item in found if item["Key"].endswith("_SUCCESS")] == ["out/a/_SUCCESS"]
    assert jobs.run(job)["JobRunState"] == "SUCCEEDED"
