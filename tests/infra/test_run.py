"""A DAG run on nothing but what Terraform made: buckets, roles, jobs, databases, work group and topic are its own."""

from collections.abc import Iterator

import pytest

from lakehouse.settings import Settings
from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.stack import BUCKET, SAMPLE, Stack
from tests.infra.conftest import FILES, STATE_BUCKET, Applied, backend
from tests.infra.terraform import Terraform

QUEUE = "LAKEHOUSE_ARRIVALS_QUEUE"
"""Its URL names the port of the account; no arrivals are awaited here."""

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def settings_of_terraform(applied: Applied) -> dict[str, str]:
    """What the root says whoever runs the lakehouse must set; Airflow is started with it, before its own apply."""
    own = {name: text for name, text in applied.outputs["lakehouse_environment"].items() if name != QUEUE}
    topic = applied.outputs["airflow_options"]["lakehouse.sns_topic_arn"]
    return {**own, "AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN": topic}


@pytest.fixture(scope="module")
def stack(settings_of_terraform: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose account Terraform makes."""
    folder = tmp_path_factory.mktemp("run")
    with Stack.running(folder / "stack", "--no-provision", **settings_of_terraform) as made:
        assert made.client("s3").list_buckets()["Buckets"] == []
        made.client("s3").create_bucket(Bucket=STATE_BUCKET)
        terraform = Terraform(folder, made.endpoint)
        terraform.init(*backend("dev"))
        assert "Apply complete!" in terraform.apply(*FILES)
        yield made


def test_a_run_publishes_what_an_independent_calculation_gives(stack: Stack) -> None:
    stack.must("deploy")
    stack.must("run", "ecommerce", "--data-dir", SAMPLE[0].parent)

    assert_equal_to_oracle(stack, [SAMPLE])


def test_the_jobs_ran_in_the_role_that_terraform_made(
    stack: Stack, settings_of_terraform: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in settings_of_terraform.items():
        monkeypatch.setenv(name, text)
    job = stack.client("glue").get_job(JobName=Settings().job_name("publish", "ecommerce"))["Job"]
    runs = stack.client("glue").get_job_runs(JobName=job["Name"])["JobRuns"]

    assert {run["JobRunState"] for run in runs} == {"SUCCEEDED"}
    role = stack.client("iam").get_role(RoleName=job["Role"].rpartition("/")[2])["Role"]
    assert {"Key": "ManagedBy", "Value": "terraform"} in role["Tags"]
    assert stack.client("s3").get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
