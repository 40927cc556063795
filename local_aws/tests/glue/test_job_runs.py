"""Job runs on a warm Spark: states, messages, arguments, time-outs, stops, logs."""

import io
import json
import os
import signal
import subprocess
import tarfile
import time
import zipfile

import pytest

pytestmark = pytest.mark.stack

DELTA = (
    "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension "
    "--conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
)
SPARK = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
SLEEP = "import time\nprint('began', flush=True)\ntime.sleep(600)\n"
SHOW = "import json, os, sys\nprint(json.dumps({'argv': sys.argv, 'cwd': os.getcwd(), 'pid': os.getpid()}))\n"


def shown(jobs, run):
    return json.loads(jobs.lines(run["Id"])[-1])


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_StartJobRun.html",
    "You can specify arguments here that your own job-execution script consumes, as well as "
    "arguments that Glue itself consumes.",
)
def test_arguments_reach_the_script(jobs, name):
    jobs.create(name, SHOW, {"--domain": "shop", "--dates": "all", "--conf": "spark.x=1"})
    run = jobs.run(name, dates="2025-04-01", full_refresh="true")
    assert run["JobRunState"] == "SUCCEEDED"
    argv = shown(jobs, run)["argv"]
    assert argv[0].endswith(f"/{name}.py")
    given = dict(zip(argv[1::2], argv[2::2], strict=True))
    assert given == {
        "--domain": "shop",
        "--dates": "2025-04-01",
        "--full-refresh": "true",
        "--JOB_NAME": name,
        "--JOB_RUN_ID": run["Id"],
    }
    assert run["CompletedOn"] >= run["StartedOn"]
    assert run["LogGroupName"] == "/aws-glue/jobs"
    assert "ErrorMessage" not in run


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("raise ValueError('bad')", "ValueError: bad"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("import sys\nsys.exit('no input')", "SystemExit: no input"),
        ("class GateError(Exception): pass\nraise GateError('a\\nb')", "GateError: a\nb"),
        ("import os\nos._exit(9)", "Command failed with exit code 9"),
        ("import os\nos.kill(os.getpid(), 9)", "Command failed with exit code 137"),
        ("def f(:\n  pass", "SyntaxError: invalid syntax"),
    ],
    ids=["exception", "exit", "exit-text", "own-exception", "os-exit", "signal", "syntax"],
)
def test_failure_has_the_last_exception_as_message(jobs, name, script, message):
    run = jobs.run(jobs.create(name, script))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith(message)


def test_exit_zero_is_success(jobs, name):
    assert jobs.run(jobs.create(name, "import sys\nsys.exit(0)"))["JobRunState"] == "SUCCEEDED"


def test_traceback_shows_only_the_script(jobs, name):
    run = jobs.run(jobs.create(name, "def f():\n    raise KeyError('k')\nf()\n"))
    text = jobs.lines(run["Id"], "error")
    assert text[-1] == "KeyError: 'k'"
    assert not [line for line in text if "local_aws" in line]
    assert [line for line in text if f'{name}.py", line 2, in f' in line]


def test_spark_writes_delta_and_the_next_job_reads_it(jobs, name):
    write = SPARK + f"spark.range(100).write.format('delta').save('s3://{jobs.bucket}/{name}')"
    read = SPARK + (
        f"from delta.tables import DeltaTable\n"
        f"DeltaTable.forPath(spark, 's3a://{jobs.bucket}/{name}').delete('id >= 40')\n"
        f"print(spark.read.format('delta').load('s3://{jobs.bucket}/{name}').count())\n"
        "print(spark.conf.get('spark.sql.session.timeZone'), spark.conf.get('spark.sql.shuffle.partitions'))\n"
        "from pyspark.sql.functions import udf\n"
        "print(sorted(r[0] for r in spark.range(3).select(udf(lambda i: i * 2, 'long')('id')).collect()))\n"
    )
    assert jobs.run(jobs.create(f"{name}-write", write, {"--conf": DELTA}))["JobRunState"] == "SUCCEEDED"
    run = jobs.run(jobs.create(f"{name}-read", read, {"--conf": DELTA}))
    assert run.get("ErrorMessage") is None
    assert jobs.lines(run["Id"]) == ["40", "UTC 1", "[0, 2, 4]"]


def test_settings_of_a_job_do_not_reach_the_next(jobs, name):
    """Also when the job leaves its session open."""
    script = (
        SPARK + "print(spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.mine', 'none'))"
    )
    jobs.create(name, script)
    first = jobs.run(name, conf="spark.sql.shuffle.partitions=7 --conf spark.mine=a b")
    second = jobs.run(name)
    assert jobs.lines(first["Id"]) == ["7 a b"]
    assert jobs.lines(second["Id"]) == ["1 none"]


def test_table_made_anew_between_jobs_is_seen_as_new(jobs, name):
    path = f"s3://{jobs.bucket}/{name}"
    script = SPARK + f"import sys\nspark.range(int(sys.argv[2])).write.format('delta').save('{path}')\n"
    script += f"print(spark.read.format('delta').load('{path}').count())"
    jobs.create(name, script, {"--conf": DELTA})
    assert jobs.lines(jobs.run(name, n="5")["Id"]) == ["5"]
    for item in jobs.s3.list_objects_v2(Bucket=jobs.bucket, Prefix=name)["Contents"]:
        jobs.s3.delete_object(Bucket=jobs.bucket, Key=item["Key"])
    run = jobs.run(name, n="3")
    assert (run.get("ErrorMessage"), jobs.lines(run["Id"])) == (None, ["3"])


def test_wheels_modules_files_and_environment_are_found(jobs, name):
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("from_wheel/__init__.py", "NAME = 'wheel'")
        archive.writestr("from_wheel/data.txt", "data")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        content = b"NAME = 'environment'"
        member = tarfile.TarInfo("lib/python3.13/site-packages/from_environment.py")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    script = (
        "import from_wheel, from_module, from_environment, importlib.resources\n"
        "print(from_wheel.NAME, from_module.NAME, from_environment.NAME, open('notes.txt').read(),\n"
        "      importlib.resources.files('from_wheel').joinpath('data.txt').read_text())\n"
    )
    jobs.create(
        name,
        script,
        {
            "--extra-py-files": ",".join(
                [
                    jobs.put("lib/from_wheel-1-py3-none-any.whl", wheel.getvalue()),
                    jobs.put("lib/from_module.py", b"NAME = 'module'"),
                ]
            ),
            "--extra-files": jobs.put("lib/notes.txt", b"notes"),
            "--python-virtual-env": jobs.put("lib/environment.tar.gz", packed.getvalue()),
        },
    )
    run = jobs.run(name)
    assert run.get("ErrorMessage") is None
    assert jobs.lines(run["Id"]) == ["wheel module environment notes data"]


def test_missing_script_is_a_launch_error(jobs, name):
    jobs.create(name, "")
    jobs.s3.delete_object(Bucket=jobs.bucket, Key=f"scripts/{name}.py")
    run = jobs.run(name)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith(
        f"LAUNCH ERROR | File not found: s3://{jobs.bucket}/scripts/{name}.py"
    )


def test_job_has_the_credentials_of_its_role(jobs, name):
    script = "import boto3\nprint(boto3.client('sts').get_caller_identity()['Arn'])"
    run = jobs.run(jobs.create(name, script))
    assert jobs.lines(run["Id"]) == ["arn:aws:sts::123456789012:assumed-role/lake/GlueJobRunnerSession"]


def test_logs_are_there_while_the_job_runs(jobs, name):
    run = jobs.start(jobs.create(name, SLEEP))
    deadline = time.monotonic() + 60
    while jobs.lines(run.id) != ["began"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert jobs.state(run) == "RUNNING"
    jobs.glue.batch_stop_job_run(JobName=name, JobRunIds=[run.id])
    assert jobs.wait(run)["JobRunState"] == "STOPPED"


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_StartJobRun.html",
    "Too many jobs are being run concurrently.",
    differs="runs of different jobs wait for each other in STARTING while Spark is warm",
)
def test_second_run_waits_and_a_third_of_the_same_job_is_refused(jobs, name):
    slow = jobs.create(f"{name}-slow", SLEEP, ExecutionProperty={"MaxConcurrentRuns": 1})
    other = jobs.create(f"{name}-other", SHOW)
    first = jobs.start(slow)
    jobs.wait(first, {"RUNNING"})
    waiting = jobs.start(other)
    with pytest.raises(
        jobs.glue.exceptions.ConcurrentRunsExceededException, match="Concurrent runs exceeded"
    ):
        jobs.start(slow)
    assert jobs.state(waiting) == "STARTING"
    stopped = jobs.glue.batch_stop_job_run(JobName=slow, JobRunIds=[first.id, "jr_none"])
    assert [item["JobRunId"] for item in stopped["SuccessfulSubmissions"]] == [first.id]
    assert [item["ErrorDetail"]["ErrorCode"] for item in stopped["Errors"]] == ["EntityNotFoundException"]
    assert jobs.wait(first)["JobRunState"] == "STOPPED"
    assert jobs.wait(waiting)["JobRunState"] == "SUCCEEDED"
    again = jobs.glue.batch_stop_job_run(JobName=slow, JobRunIds=[first.id])
    assert again["Errors"]


@pytest.mark.conforms(
    "glue:GetJobRun",
    "glue/latest/webapi/API_JobRun.html",
    "For example, when a job run is in a WAITING state as a result of job run queuing, the field has the reason why "
    "the job run is in that state.",
    differs="runs wait for the JVM that all warm runs share; more runs than a job allows are refused all the same",
)
def test_a_queued_run_says_what_it_waits_for(jobs, name):
    first = jobs.start(jobs.create(f"{name}-slow", SLEEP))
    jobs.wait(first, {"RUNNING"})
    queued = jobs.start(jobs.create(f"{name}-queued", SHOW, JobRunQueuingEnabled=True))
    waiting = jobs.wait(queued, {"WAITING"})
    assert waiting["StateDetail"] == "Waiting for the run that has Spark's JVM to end"
    jobs.glue.batch_stop_job_run(JobName=first.name, JobRunIds=[first.id])
    ended = jobs.wait(queued)
    assert (ended["JobRunState"], "StateDetail" in ended) == ("SUCCEEDED", False)


@pytest.mark.conforms(
    "glue:BatchStopJobRun",
    "glue/latest/webapi/API_BatchStopJobRun.html",
    "Stops one or more job runs for a specified job definition.",
)
def test_waiting_run_can_be_stopped(jobs, name):
    first = jobs.start(jobs.create(f"{name}-slow", SLEEP))
    jobs.wait(first, {"RUNNING"})
    waiting = jobs.start(jobs.create(f"{name}-other", SHOW))
    jobs.glue.batch_stop_job_run(JobName=waiting.name, JobRunIds=[waiting.id])
    assert jobs.wait(waiting)["JobRunState"] == "STOPPED"
    jobs.glue.batch_stop_job_run(JobName=first.name, JobRunIds=[first.id])
    jobs.wait(first)


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_StartJobRun.html",
    "This is the maximum time that a job run can consume resources before it is terminated "
    "and enters TIMEOUT status.",
)
def test_timeout_kills_a_job_that_ignores_sigterm_and_the_next_works(jobs, name):
    """A minute lasts 4 seconds here."""
    stubborn = (
        f"import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(os.getpid())\n{SLEEP}"
    )
    run = jobs.run(jobs.create(name, stubborn, Timeout=1))
    assert run["JobRunState"] == "TIMEOUT"
    assert 3 <= run["ExecutionTime"] <= 15
    with pytest.raises(ProcessLookupError):
        os.kill(int(jobs.lines(run["Id"])[0]), 0)
    assert (
        jobs.run(jobs.create(f"{name}-next", SPARK + "spark.range(3).count()"))["JobRunState"] == "SUCCEEDED"
    )


def java_of(server):
    found = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "java"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def test_killed_jvm_fails_the_run_with_its_reason_and_the_next_works(glue_server, jobs, name):
    run = jobs.start(
        jobs.create(name, SPARK + SLEEP.replace("time.sleep", "spark.range(1).count(); time.sleep"))
    )
    jobs.wait(run, {"RUNNING"})
    glue_server.wait_until(lambda: jobs.lines(run.id) == ["began"], "the job to begin", 60)
    (java,) = java_of(glue_server)
    os.kill(java, signal.SIGKILL)
    assert jobs.wait(run)["ErrorMessage"].startswith("Spark's JVM ended while the job ran")
    done = jobs.run(jobs.create(f"{name}-next", SPARK + "spark.range(3).count()"))
    assert done["JobRunState"] == "SUCCEEDED"
    assert java_of(glue_server) != [java]


def test_runs_share_the_jvm(glue_server, jobs, name):
    jobs.create(name, SHOW)
    jobs.run(name)
    before = java_of(glue_server)
    pids = {shown(jobs, jobs.run(name))["pid"] for _ in range(2)}
    assert len(before) == 1
    assert java_of(glue_server) == before
    assert len(pids) == 2, "each run is a process of its own"


@pytest.mark.conforms(
    "glue:GetJobRuns",
    "glue/latest/webapi/API_GetJobRuns.html",
    "GetJobRuns returns the job runs in chronological order, with the newest jobs returned first.",
)
def test_runs_are_listed_latest_first(jobs, name):
    jobs.create(name, SHOW)
    ids = [jobs.run(name)["Id"] for _ in range(3)]
    pages = jobs.glue.get_paginator("get_job_runs").paginate(JobName=name, PaginationConfig={"PageSize": 2})
    assert [run["Id"] for page in pages for run in page["JobRuns"]] == ids[::-1]
