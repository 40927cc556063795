"""Messages to the topic: what, where, since when, link, and never a value of the data."""

from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Context

from orchestration.failure import StepFailedError, VerdictError
from orchestration.notification import notify, notify_failure
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import SECRET_VALUE
from tests.orchestration.running import RUN_ID, a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def failed_with(error: BaseException | str | None) -> Context:
    context: Any = a_context()
    context["ti"].task_id = "bronze_to_silver.gate_orders"
    return context | {"exception": error}  # type: ignore[no-any-return]


def test_a_failure_says_what_where_since_when_and_where_to_read_on(inbox: Inbox) -> None:
    error = VerdictError(
        f"found {SECRET_VALUE}",
        summary="silver.orders broke: user_id must not be null",
        runbook="gate_closed",
    )
    notify_failure(failed_with(error))
    (told,) = inbox.messages()
    assert told["subject"] == "Failed: ecommerce bronze_to_silver.gate_orders"
    lines = told["message"].splitlines()
    assert lines[0] == (
        "ecommerce.bronze_to_silver.gate_orders failed: silver.orders broke: user_id must not be null. As before stay "
        "ecommerce.silver.orders, ecommerce.silver.products, ecommerce.silver.order_items, "
        "ecommerce.gold.customer_insights, ecommerce.gold.daily_sales, ecommerce.gold.department_analytics, "
        "ecommerce.gold.product_performance"
    )
    assert lines[1] == (f"Where: DAG ecommerce, run {RUN_ID}, task bronze_to_silver.gate_orders, attempt 1")
    assert lines[2] == "Since: the run started 2025-04-02 06:00:00 UTC"
    assert lines[3] == "Log: http://airflow.example/log"
    assert lines[4] == "Runbook: docs/runbooks/gate_closed.md"


def test_a_runbook_is_read_where_the_settings_say(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__RUNBOOKS_URL", "https://runbooks.example/")
    notify_failure(failed_with(None))
    (told,) = inbox.messages()
    assert told["message"].splitlines()[4] == "Runbook: https://runbooks.example/task_failed.md"


@pytest.mark.parametrize(
    ("error", "told_as"),
    [
        (StepFailedError(SECRET_VALUE, summary="Glue run jr_1 ended FAILED"), "Glue run jr_1 ended FAILED"),
        (ValueError(f"{SECRET_VALUE} is not a date"), "ValueError"),
        (None, "it was stopped or lost"),
    ],
    ids=["a step", "any other error: only its kind", "no error"],
)
def test_what_a_failure_tells(inbox: Inbox, error: BaseException | None, told_as: str) -> None:
    notify_failure(failed_with(error))
    (told,) = inbox.messages()
    assert f"failed: {told_as}. As before stay ecommerce.silver.orders," in told["message"].splitlines()[0]
    assert SECRET_VALUE not in str(told)


def test_a_failure_outside_a_layer_keeps_no_table_back(inbox: Inbox) -> None:
    failed: Any = failed_with(None)
    failed["ti"].task_id = "archive"
    failed["ti"].log_url = "http://airflow.example/dags/ecommerce/runs/r/tasks/archive"
    notify_failure(failed)
    (told,) = inbox.messages()
    lines = told["message"].splitlines()
    assert lines[0] == "ecommerce.archive failed: it was stopped or lost"
    assert lines[4] == "The DAG: http://airflow.example/dags/ecommerce, Dag Docs"


def test_a_long_subject_is_cut_to_what_sns_takes(inbox: Inbox) -> None:
    notify(a_context(), alert="failures", runbook="task_failed", subject="x" * 150, what="long")
    assert [len(told["subject"]) for told in inbox.messages()] == [99]


def test_without_a_topic_nobody_is_told(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN")
    notify(a_context(), alert="failures", runbook="task_failed", subject="s", what="w")
    assert inbox.messages() == []


def test_a_topic_out_of_reach_is_logged_and_does_not_fail_the_task(
    lake: "S3Client", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = "arn:aws:sns:us-east-1:123456789012:gone"
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN", gone)
    notify(a_context(), alert="failures", runbook="task_failed", subject="Warning: orders", what="w")
    assert f"The notification 'Warning: orders' did not reach {gone}" in caplog.text


def test_the_topic_is_reached_where_no_region_is_set(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    notify(a_context(), alert="failures", runbook="task_failed", subject="s", what="w")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert len(inbox.messages()) == 1
