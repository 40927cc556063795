"""Services that speak JSON and the query protocol, seen by boto3; the admin API; what is never hit."""

import httpx
import pytest
from botocore.exceptions import ClientError

from local_aws.faults.client import FaultClient, FaultPlaneError

PATH = "/_local_aws/faults"
CALLS = {
    "glue": ("GetDatabases", lambda client: client.get_databases()),
    "sqs": ("ListQueues", lambda client: client.list_queues()),
    "sts": ("GetCallerIdentity", lambda client: client.get_caller_identity()),
    "logs": ("DescribeLogGroups", lambda client: client.describe_log_groups()),
    "athena": ("ListWorkGroups", lambda client: client.list_work_groups()),
    "sns": ("ListTopics", lambda client: client.list_topics()),
}


@pytest.mark.parametrize(
    ("service", "fault", "status", "code"),
    [
        ("glue", "throttling", 400, "ThrottlingException"),
        ("glue", "internal_error", 500, "InternalServiceException"),
        ("glue", "expired_credentials", 400, "ExpiredTokenException"),
        ("athena", "throttling", 400, "ThrottlingException"),
        ("athena", "internal_error", 500, "InternalServerException"),
        ("logs", "throttling", 400, "ThrottlingException"),
        ("sqs", "throttling", 400, "RequestThrottled"),
        ("sqs", "expired_credentials", 400, "ExpiredTokenException"),
        ("sts", "throttling", 400, "Throttling"),
        ("sts", "internal_error", 500, "InternalFailure"),
        ("sts", "expired_credentials", 403, "ExpiredToken"),
        ("sns", "throttling", 400, "Throttling"),
    ],
)
def test_each_service_words_it_as_on_aws(faults, client_of, service, fault, status, code):
    operation, call = CALLS[service]
    faults.replace([{"service": service, "operation": operation, "fault": fault, "nth": 1}])
    client = client_of(service)
    with pytest.raises(ClientError) as refused:
        call(client)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    call(client)


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("fault", ["throttling", "internal_error", "connection_reset"])
def test_the_sdk_tries_again(faults, client_of, service, fault):
    operation, call = CALLS[service]
    faults.replace([{"service": service, "operation": operation, "fault": fault, "nth": 1}])
    call(client_of(service, attempts=2))
    assert [item["operation"] for item in faults.firings()] == [operation]


def test_concurrent_runs_exceeded(faults, client_of):
    faults.replace(
        [{"service": "glue", "operation": "StartJobRun", "fault": "concurrent_runs_exceeded", "nth": 1}]
    )
    glue = client_of("glue", attempts=3)
    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException, match="exceeded for silver"):
        glue.start_job_run(JobName="silver")
    assert faults.firings()[0]["resource"] == "silver"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.start_job_run(JobName="silver")


def test_a_rule_for_one_client_spares_the_others(faults, client_of):
    faults.replace([{"service": "sts", "fault": "throttling", "rate": 1, "client": "shaky-one"}])
    client_of("sts").get_caller_identity()
    with pytest.raises(ClientError):
        client_of("sts", user_agent="Shaky-One/1").get_caller_identity()


def test_health_and_admin_are_never_hit(faults, shaky):
    faults.replace([{"service": "s3", "fault": "slow_down", "rate": 1}])
    assert httpx.get(f"{shaky.endpoint}/_local_aws/health").status_code == 200
    assert httpx.get(f"{shaky.endpoint}{PATH}").json()["rules"][0]["matched"] == 0


def test_a_plan_that_does_not_hold_changes_nothing(faults):
    faults.replace([{"service": "s3", "fault": "slow_down", "rate": 1}], seed=4)
    with pytest.raises(FaultPlaneError, match=r"rules\.0: give either rate"):
        faults.replace([{"service": "s3", "fault": "slow_down"}])
    with pytest.raises(FaultPlaneError, match="have seed 4"):
        faults.add({"service": "s3", "fault": "slow_down", "nth": 1}, seed=5)
    assert (faults.state()["seed"], len(faults.state()["rules"])) == (4, 1)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"operation": "PutObjects"}, "no operation of s3 called PutObjects; did you mean PutObject"),
        ({"operation": "StartJobRun"}, "no operation of s3 called StartJobRun"),
        ({"service": "glu", "fault": "throttling"}, "no service called glu; did you mean glue"),
        ({"service": "lambda", "operation": "Invoke", "fault": "throttling"}, "not told apart"),
    ],
)
def test_a_rule_that_no_call_could_meet_is_refused(faults, fields, said):
    with pytest.raises(FaultPlaneError, match=said):
        faults.add({"service": "s3", "fault": "slow_down", "nth": 1} | fields)
    assert faults.state()["rules"] == []


def test_other_methods_are_refused(shaky):
    assert httpx.patch(f"{shaky.endpoint}{PATH}").status_code == 405


def test_nobody_answers():
    with pytest.raises(FaultPlaneError, match="No embedded AWS answers at http://127"):
        FaultClient("http://127.0.0.1:1").state()
