"""Runs of Python shell jobs, and with them what all runs have in common: attempts, events, modules."""

import io
import json
import time
import zipfile

import pytest

WAIT_SECONDS = 30
FAIL_ONCE = """
import boto3, sys
s3, key = boto3.client("s3"), sys.argv[sys.argv.index("--mark") + 1]
try:
    s3.head_object(Bucket="shell-jobs", Key=key)
except Exception:
    s3.put_object(Bucket="shell-jobs", Key=key, Body=b"")
    raise ValueError("first attempt")
"""


def runs_of(shell, name, count):
    """All runs of a job, the latest first, when there are so many and all have ended."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        runs = shell.glue.get_job_runs(JobName=name)["JobRuns"]
        if len(runs) >= count and all("CompletedOn" in run for run in runs):
            return runs
        assert time.monotonic() < deadline, runs
        time.sleep(0.05)


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/dg/add-job-python.html",
    "The Amazon CloudWatch Logs group for Python shell jobs output is /aws-glue/python-jobs/output.",
    differs="the script runs in the Python of Spark jobs, 3.13",
)
def test_a_shell_job_has_its_own_size_and_log_groups(shell, name):
    run = shell.run(shell.create(name, "print('hello')"))
    assert (run["JobRunState"], run["MaxCapacity"]) == ("SUCCEEDED", 0.0625)
    assert run["LogGroupName"] == "/aws-glue/python-jobs"
    assert shell.lines(run["Id"], group="/aws-glue/python-jobs") == ["hello"]


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_Job.html",
    "The maximum number of times to retry this job after a JobRun fails.",
)
@pytest.mark.conforms(
    "glue:GetJobRun",
    "glue/latest/webapi/API_JobRun.html",
    "The ID of the previous run of this job.",
)
def test_a_failed_run_is_tried_again(shell, name):
    shell.create(name, FAIL_ONCE, MaxRetries=2)
    first = shell.start(name, mark=name)
    second, failed = runs_of(shell, name, 2)
    assert (failed["Id"], failed["Attempt"], failed["JobRunState"]) == (first.id, 0, "FAILED")
    assert (second["Id"], second["Attempt"]) == (f"{first.id}_attempt_1", 1)
    assert (second["JobRunState"], second["PreviousRunId"]) == ("SUCCEEDED", first.id)
    assert second["Arguments"] == {"--mark": name}


def test_retries_end(shell, name):
    shell.create(name, "raise ValueError('bad')", MaxRetries=1)
    first = shell.start(name)
    last, _ = runs_of(shell, name, 2)
    time.sleep(0.5)
    assert len(shell.glue.get_job_runs(JobName=name)["JobRuns"]) == 2
    assert (last["Id"], last["JobRunState"]) == (f"{first.id}_attempt_1", "FAILED")


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/dg/add-job.html",
    "Jobs that reach the timeout limit are not restarted.",
)
def test_a_run_that_timed_out_is_not_tried_again(shell, name):
    """A minute lasts a second here."""
    shell.create(name, "import time; time.sleep(60)", MaxRetries=1, Timeout=1)
    run = shell.run(name)
    assert run["JobRunState"] == "TIMEOUT"
    time.sleep(0.5)
    assert len(shell.glue.get_job_runs(JobName=name)["JobRuns"]) == 1


@pytest.fixture
def events(storage, name):
    """Reads the events of the test's job."""
    bus, sqs = storage.client("events"), storage.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": [name]},
    }
    bus.put_rule(Name=name, EventPattern=json.dumps(pattern))
    bus.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])

    def read():
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := sqs.receive_message(QueueUrl=url).get("Messages")):
            assert time.monotonic() < deadline, "no event came"
            time.sleep(0.05)
        return json.loads(found[0]["Body"])

    return read


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/dg/automating-awsglue-with-cloudwatch-events.html",
    'Events for "detail-type":"Glue Job State Change" are generated for SUCCEEDED, FAILED, '
    "TIMEOUT, and STOPPED.",
    differs=(
        "the message of a failed run is its ErrorMessage; runs that are late send no Glue Job Run Status"
    ),
)
@pytest.mark.parametrize(
    ("script", "severity", "state", "message"),
    [
        ("", "INFO", "SUCCEEDED", "Job run succeeded"),
        ("raise ValueError('bad')", "ERROR", "FAILED", "ValueError: bad"),
        ("import time; time.sleep(60)", "WARN", "TIMEOUT", "Job run timed out"),
    ],
    ids=["succeeded", "failed", "timeout"],
)
def test_the_end_of_a_run_is_an_event(shell, name, events, script, severity, state, message):
    run = shell.start(shell.create(name, script, Timeout=1))
    event = events()
    assert (event["source"], event["detail-type"]) == ("aws.glue", "Glue Job State Change")
    assert event["detail"] == {
        "jobName": name,
        "severity": severity,
        "state": state,
        "jobRunId": run.id,
        "message": message,
    }


@pytest.mark.conforms(
    "glue:BatchStopJobRun",
    "glue/latest/dg/automating-awsglue-with-cloudwatch-events.html",
    'Events for "detail-type":"Glue Job State Change" are generated for SUCCEEDED, FAILED, '
    "TIMEOUT, and STOPPED.",
)
def test_a_stop_is_an_event(shell, name, events):
    run = shell.start(shell.create(name, "import time; time.sleep(60)"))
    shell.wait(run, {"RUNNING"})
    shell.glue.batch_stop_job_run(JobName=name, JobRunIds=[run.id])
    detail = events()["detail"]
    assert (detail["state"], detail["severity"], detail["message"]) == ("STOPPED", "INFO", "Job run stopped")


def test_a_topic_is_told_the_end_of_a_run(shell, storage, name):
    bus, sqs, sns = (storage.client(service) for service in ("events", "sqs", "sns"))
    url, topic = sqs.create_queue(QueueName=name)["QueueUrl"], sns.create_topic(Name=name)["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    bus.put_rule(
        Name=name,
        EventPattern=json.dumps({"source": ["aws.glue"], "detail": {"jobName": [name], "state": ["FAILED"]}}),
    )
    bus.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": topic, "InputPath": "$.detail.message"}])
    shell.run(shell.create(name, "raise ValueError('bad')"))
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"]) == "ValueError: bad"


def test_printed_metrics_reach_cloudwatch(shell, storage, name):
    directive = {"Namespace": name, "Dimensions": [[]], "Metrics": [{"Name": "Rows"}]}
    script = (
        "import json, time\n"
        f"told = {{'_aws': {{'CloudWatchMetrics': [{directive}], 'Timestamp': int(time.time() * 1000)}}}}\n"
        "print(json.dumps(told | {'Rows': 7}))"
    )
    assert shell.run(shell.create(name, script))["JobRunState"] == "SUCCEEDED"
    (metric,) = storage.client("cloudwatch").list_metrics(Namespace=name)["Metrics"]
    assert metric["MetricName"] == "Rows"


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/dg/aws-glue-programming-python-libraries.html",
    "Also, within the --additional-python-modules option you can specify an Amazon S3 path "
    "to a Python wheel module.",
    differs="the wheel is put on the path, and what it requires is not installed",
)
def test_additional_modules_may_be_wheels_on_s3_or_be_installed(shell, name):
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("from_wheel/__init__.py", "NAME = 'wheel'")
    uri = shell.put("lib/from_wheel-1-py3-none-any.whl", wheel.getvalue())
    script = "import from_wheel; print(from_wheel.NAME)"
    run = shell.run(shell.create(name, script, {"--additional-python-modules": f"boto3>=1.20,{uri}"}))
    assert run.get("ErrorMessage") is None
    assert shell.lines(run["Id"], group="/aws-glue/python-jobs") == ["wheel"]


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/dg/aws-glue-programming-python-libraries.html",
    "AWS Glue uses the Python Package Installer (pip3) to install additional modules to be "
    "used by AWS Glue ETL.",
    absent="a module that is not there already in a version that fits fails the launch",
)
@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ("no-such-module==1", "no-such-module==1 is not installed."),
        ("boto3<1", "boto3<1: "),
        ("boto3 ===", "boto3 ===: "),
    ],
    ids=["missing", "other-version", "unreadable"],
)
def test_modules_that_are_not_installed_fail_the_launch(shell, name, modules, message):
    run = shell.run(shell.create(name, "", {"--additional-python-modules": modules}))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith(f"LAUNCH ERROR | --additional-python-modules {message}")
