"""Airflow's REST API through MWAA, which cannot run here: botocore checks what is sent against AWS's own model."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakehouse.operations.airflow_api import AirflowApi, AirflowError


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
