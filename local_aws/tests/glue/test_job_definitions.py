"""Which jobs and runs Glue takes, and what it tells of them before they run."""

import time

import pytest

WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def glue(storage):
    return storage.client("glue")


@pytest.fixture
def create(glue, name):
    """Creates a job and returns what GetJob tells of it."""

    def job(command="glueetl", **definition):
        location = {"Name": command, "ScriptLocation": "s3://shell-jobs/none.py"}
        glue.create_job(Name=name, Role="lake", Command=location, **definition)
        return glue.get_job(JobName=name)["Job"]

    return job


@pytest.mark.conforms(
    "glue:GetJob",
    "glue/latest/webapi/API_Job.html",
    "The default is 0.0625 DPU.",
)
@pytest.mark.parametrize(
    ("command", "sizes", "dpu"),
    [
        ("glueetl", {"WorkerType": "G.1X", "NumberOfWorkers": 5}, 5),
        ("glueetl", {"WorkerType": "G.2X", "NumberOfWorkers": 3}, 6),
        ("glueetl", {"WorkerType": "G.025X", "NumberOfWorkers": 2}, 0.5),
        ("glueetl", {"WorkerType": "R.4X", "NumberOfWorkers": 2}, 8),
        ("glueetl", {"MaxCapacity": 4.0}, 4),
        ("glueetl", {}, 10),
        ("pythonshell", {}, 0.0625),
        ("pythonshell", {"MaxCapacity": 1.0}, 1),
    ],
)
def test_workers_set_the_capacity(create, command, sizes, dpu):
    assert create(command, **sizes)["MaxCapacity"] == dpu


REFUSED = [
    ({"WorkerType": "G.1X"}, "Please set both Worker Type and Number of Workers."),
    ({"NumberOfWorkers": 2}, "Please set both Worker Type and Number of Workers."),
    (
        {"WorkerType": "G.1X", "NumberOfWorkers": 2, "MaxCapacity": 2.0},
        "Please do not set Max Capacity if using Worker Type and Number of Workers.",
    ),
    (
        {"WorkerType": "G.1X", "NumberOfWorkers": 1},
        "To use Worker Type G.1X, minimum allowed value of Number of Workers is 2.",
    ),
    ({"WorkerType": "G.3X", "NumberOfWorkers": 2}, "Worker Type G.3X is not supported"),
    ({"Timeout": 10_081}, "at most 10080 minutes"),
]


@pytest.mark.conforms(
    "glue:CreateJob",
    "glue/latest/webapi/API_CreateJob.html",
    "Do not set MaxCapacity if using WorkerType and NumberOfWorkers.",
    differs="errors on worker types and time-outs are worded by us",
)
@pytest.mark.parametrize(("sizes", "message"), REFUSED)
def test_a_job_whose_sizes_do_not_fit_is_refused(glue, create, name, sizes, message):
    with pytest.raises(glue.exceptions.InvalidInputException, match=message):
        create(**sizes)
    assert name not in glue.list_jobs()["JobNames"]


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_StartJobRun.html",
    "Jobs must have timeout values less than 7 days or 10080 minutes.",
    differs="the error is worded by us; exactly 10080 is taken",
)
@pytest.mark.parametrize(("sizes", "message"), REFUSED)
def test_a_run_whose_sizes_do_not_fit_is_refused(glue, create, name, sizes, message):
    create()
    with pytest.raises(glue.exceptions.InvalidInputException, match=message):
        glue.start_job_run(JobName=name, **sizes)
    assert glue.get_job_runs(JobName=name)["JobRuns"] == []


@pytest.mark.conforms(
    "glue:CreateJob",
    "glue/latest/webapi/API_JobCommand.html",
    "For a Python shell job, it must be pythonshell.",
    differs="the error is worded by us",
)
@pytest.mark.parametrize(
    ("command", "definition", "message"),
    [
        ("spark", {}, "Command name spark is not supported"),
        ("glueetl", {"MaxRetries": 11}, "between 0 and 10"),
        ("pythonshell", {"MaxCapacity": 2.0}, "0.0625 or 1.0"),
    ],
)
def test_a_job_that_cannot_be_is_refused(glue, create, command, definition, message):
    with pytest.raises(glue.exceptions.InvalidInputException, match=message):
        create(command, **definition)


@pytest.mark.conforms(
    "glue:GetJobRun",
    "glue/latest/webapi/API_JobRun.html",
    "This field can be set for either job runs with execution class FLEX or when Auto Scaling is enabled",
    differs="all workers count for as long as the run lasts",
)
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, False),
        ({"ExecutionClass": "FLEX"}, True),
        ({"Arguments": {"--enable-auto-scaling": "true"}}, True),
    ],
)
def test_dpu_seconds_are_told_of_flexible_and_scaled_runs(glue, create, name, options, told):
    create()
    run_id = glue.start_job_run(JobName=name, WorkerType="G.2X", NumberOfWorkers=2, **options)["JobRunId"]
    run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
    assert ("DPUSeconds" in run, run["MaxCapacity"]) == (told, 4)
    glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])


def test_a_job_and_its_runs_say_whether_they_are_queued(glue, create, name):
    assert create(JobRunQueuingEnabled=True)["JobRunQueuingEnabled"] is True
    for option, told in (({}, True), ({"JobRunQueuingEnabled": False}, False)):
        run_id = glue.start_job_run(JobName=name, **option)["JobRunId"]
        run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        assert (run["JobRunQueuingEnabled"], "StateDetail" in run) == (told, False)
        glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
        wait_for_end(glue, name, run_id)
    location = {"Name": "glueetl", "ScriptLocation": "s3://shell-jobs/none.py"}
    glue.update_job(JobName=name, JobUpdate={"Role": "lake", "Command": location})
    assert glue.get_job(JobName=name)["Job"]["JobRunQueuingEnabled"] is False


def wait_for_end(glue, name, run_id):
    deadline = time.monotonic() + WAIT_SECONDS
    while "CompletedOn" not in glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.conforms(
    "glue:GetJobRuns",
    "glue/latest/webapi/API_GetJobRuns.html",
    "A continuation token, if not all requested job runs have been returned.",
)
def test_runs_come_in_pages(glue, create, name):
    create(ExecutionProperty={"MaxConcurrentRuns": 5})
    started = [glue.start_job_run(JobName=name)["JobRunId"] for _ in range(5)]
    pages, token = [], {}
    while True:
        page = glue.get_job_runs(JobName=name, MaxResults=2, **token)
        pages.append([run["Id"] for run in page["JobRuns"]])
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    newest = started[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]


@pytest.mark.conforms(
    "glue:StartJobRun",
    "glue/latest/webapi/API_StartJobRun.html",
    "A specified entity does not exist",
)
@pytest.mark.conforms(
    "glue:GetJobBookmark",
    "glue/latest/dg/aws-glue-programming-etl-datalake-native-frameworks-limitations.html",
    "Job bookmarks are not supported.",
    differs="of Delta as on AWS; here no job has one",
)
def test_what_is_missing_is_entity_not_found(glue, create, name):
    create()
    for call, message in (
        (lambda: glue.start_job_run(JobName="none"), "Failed to start job run due to missing metadata."),
        (lambda: glue.start_job_run(JobName=name, JobRunId="jr_0"), "jr_0"),
        (lambda: glue.get_job_run(JobName=name, RunId="jr_0"), "jr_0"),
        (lambda: glue.get_job_bookmark(JobName=name), f"Continuation for job {name} not found"),
        (lambda: glue.reset_job_bookmark(JobName=name), f"Continuation for job {name} not found"),
        (lambda: glue.get_job_bookmark(JobName="none"), "none"),
    ):
        with pytest.raises(glue.exceptions.EntityNotFoundException, match=message):
            call()


@pytest.mark.conforms(
    "glue:CreateSecurityConfiguration",
    "glue/latest/webapi/API_Job.html",
    "The name of the SecurityConfiguration structure to be used with this job.",
    differs="it is kept, and nothing is encrypted",
)
def test_security_configurations_triggers_and_workflows_are_kept(glue, create, name):
    create(SecurityConfiguration=name)
    encryption = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
    glue.create_security_configuration(Name=name, EncryptionConfiguration=encryption)
    found = glue.get_security_configuration(Name=name)["SecurityConfiguration"]
    assert found["EncryptionConfiguration"] == encryption
    glue.create_workflow(Name=name)
    glue.create_trigger(Name=name, WorkflowName=name, Type="ON_DEMAND", Actions=[{"JobName": name}])
    assert glue.get_trigger(Name=name)["Trigger"]["Actions"] == [{"JobName": name}]
    assert glue.get_workflow(Name=name)["Workflow"]["Name"] == name
    assert glue.get_job(JobName=name)["Job"]["SecurityConfiguration"] == name
