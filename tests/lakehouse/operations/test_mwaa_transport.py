"""Airflow's REST API through MWAA, which cannot run here: botocore checks what is sent against AWS's own model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse.operations.airflow_api import AirflowApi, AirflowError, IntervalRun


@pytest.fixture
def mwaa(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("mwaa", region_name="us-east-1")
    monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def answers(mwaa: Stubber, response: dict[str, Any], **request: Any) -> None:
    answer = {"RestApiStatusCode": 200, "RestApiResponse": response}
    mwaa.add_response("invoke_rest_api", answer, {"Name": "shop", **request})


def test_a_run_is_started_without_a_token(mwaa: Stubber) -> None:
    body = {"logical_date": None, "conf": {"dates": ["2025-04-01"]}}
    answers(mwaa, {"dag_run_id": "manual__1"}, Path="/dags/ecommerce/dagRuns", Method="POST", Body=body)

    assert AirflowApi("mwaa://shop").trigger("ecommerce", {"dates": ["2025-04-01"]}) == "manual__1"


def test_parameters_keep_all_their_values(mwaa: Stubber) -> None:
    answers(
        mwaa,
        {"dag_runs": [{"dag_run_id": "one"}]},
        Path="/dags/ecommerce/dagRuns",
        Method="GET",
        QueryParameters={"state": ["queued", "running"]},
    )

    assert AirflowApi("mwaa://shop").unfinished_runs("ecommerce") == ["one"]


def test_what_airflow_refuses_is_told_in_its_words(mwaa: Stubber) -> None:
    mwaa.add_client_error(
        "invoke_rest_api",
        "RestApiClientException",
        modeled_fields={"RestApiStatusCode": 404, "RestApiResponse": {"detail": "no DAG shoes"}},
    )

    with pytest.raises(AirflowError, match=r"404 .*no DAG shoes"):
        AirflowApi("mwaa://shop").unpause("shoes")


def test_what_aws_refuses_is_told_in_its_words(mwaa: Stubber) -> None:
    mwaa.add_client_error("invoke_rest_api", "AccessDeniedException", "not authorized: airflow:InvokeRestApi")

    with pytest.raises(AirflowError, match=r"mwaa://shop .*not authorized: airflow:InvokeRestApi"):
        AirflowApi("mwaa://shop").unpause("ecommerce")


def test_a_run_is_shown_in_the_environments_ui(mwaa: Stubber) -> None:
    mwaa.add_response(
        "get_environment", {"Environment": {"WebserverUrl": "a.airflow.example"}}, {"Name": "shop"}
    )

    assert (
        AirflowApi("mwaa://shop").run_url("ecommerce", "manual__1")
        == "https://a.airflow.example/dags/ecommerce/runs/manual__1"
    )


def test_a_backfill_makes_its_runs_one_after_the_other_and_those_that_ended_again(mwaa: Stubber) -> None:
    first, last = datetime(2025, 4, 1, 6, tzinfo=UTC), datetime(2025, 4, 3, 6, tzinfo=UTC)
    body = {
        "dag_id": "ecommerce",
        "from_date": "2025-04-01T06:00:00+00:00",
        "to_date": "2025-04-03T06:00:00+00:00",
        "reprocess_behavior": "completed",
        "max_active_runs": 1,
        "dag_run_conf": {"confirm_cost": True},
    }
    answers(mwaa, {"id": 7}, Path="/backfills", Method="POST", Body=body)

    assert AirflowApi("mwaa://shop").create_backfill("ecommerce", first, last, confirm_cost=True) == 7


def test_runs_of_intervals_are_read_page_by_page(mwaa: Stubber) -> None:
    moment = datetime(2025, 4, 1, 6, tzinfo=UTC)
    run = {"dag_run_id": "one", "logical_date": "2025-04-01T06:00:00Z", "state": "queued", "end_date": None}
    for offset in ("0", "1"):
        answers(
            mwaa,
            {"dag_runs": [run], "total_entries": 2},
            Path="/dags/ecommerce/dagRuns",
            Method="GET",
            QueryParameters={
                "logical_date_gte": ["2025-04-01T06:00:00+00:00"],
                "logical_date_lte": ["2025-04-01T06:00:00+00:00"],
                "state": ["queued"],
                "limit": ["100"],
                "offset": [offset],
                "order_by": ["logical_date"],
            },
        )

    found = AirflowApi("mwaa://shop").interval_runs("ecommerce", moment, moment, state=["queued"])

    assert found == [IntervalRun("one", moment, "queued", None)] * 2
