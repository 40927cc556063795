"""A run in which Airflow and the jobs may do only what the policies of their roles allow; the tests tell one story."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.stack import SAMPLE, Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.running(tmp_path_factory.mktemp("strict") / "state", "--enforce-iam") as made:
        yield made


def test_a_run_publishes_what_an_independent_calculation_gives(strict: Stack) -> None:
    strict.must("run", "ecommerce", "--data-dir", SAMPLE[0].parent)
    assert_equal_to_oracle(strict, [SAMPLE])


def test_jobs_whose_role_may_do_nothing_fail(strict: Stack) -> None:
    strict.client("iam").delete_role_policy(RoleName="lakehouse-glue", PolicyName="lakehouse")
    assert strict.run("run", "ecommerce", "--data-dir", SAMPLE[0].parent).returncode != 0
    runs = strict.client("glue").get_job_runs(JobName="lakehouse-raw_to_bronze")["JobRuns"]
    assert runs[0]["JobRunState"] == "FAILED"
    assert "not authorized" in runs[0]["ErrorMessage"] or "403" in runs[0]["ErrorMessage"]
