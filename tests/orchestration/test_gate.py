"""A gate opens, closes, warns or is skipped, and says why."""

import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration.failure import VerdictError
from orchestration.gate import DataDocsLink, GateOperator
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import (
    DEPARTMENT,
    SECRET_VALUE,
    USER_ID,
    broken,
    put_verdict,
    verdict,
)
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey
    from mypy_boto3_s3 import S3Client

CANDIDATE = {"outcome": "candidate", "tables": {"orders": "candidate", "products": "nothing_new"}}


def a_gate(table: str = "orders") -> GateOperator:
    return GateOperator(task_id="gate", layer="silver", table=table, candidate="silver.candidate")


def judged(summary: dict[str, Any] | None = None) -> Context:
    return a_context(silver__candidate=summary or CANDIDATE)


def test_a_passed_candidate_may_be_published(
    lake: "S3Client", inbox: Inbox, capfd: pytest.CaptureFixture[str]
) -> None:
    put_verdict(lake, verdict("passed"))
    assert a_gate().execute(judged()) == "passed"
    assert inbox.messages() == []
    log = capfd.readouterr().out
    assert "ecommerce.silver.orders: passed, 2 of 2 expectations hold on 500 rows" in log
    assert "passed critical user_id must not be null: observed 0 of 500 rows" in log
    assert "passed warning  department_id and department correspond one to one: observed 21 pairs" in log
    assert "s3://lake/metadata/data_docs/run-1/silver/orders.html" in log


def test_a_broken_critical_expectation_closes_the_gate_for_good(lake: "S3Client", inbox: Inbox) -> None:
    put_verdict(
        lake, verdict("failed", broken(USER_ID, f"3 of 500 rows, such as {SECRET_VALUE}"), DEPARTMENT)
    )
    with pytest.raises(VerdictError) as caught:
        a_gate().execute(judged())
    message = str(caught.value)
    assert isinstance(caught.value, AirflowFailException), "a retry would find the same"
    assert "suite ecommerce.silver.orders" in message
    assert "FAILED critical user_id must not be null: observed 3 of 500 rows" in message
    assert "file s3://lake/raw/orders/april.csv" in message
    assert "1 of 2 expectations hold on 500 rows" in message
    assert "The published table is as before" in message
    assert "data_docs/run-1/silver/orders.html" in message
    assert "correspond one to one" not in message, "what holds is no reason"
    # The failure callback tells this, and nothing of the data.
    assert caught.value.summary == (
        "ecommerce.silver.orders broke ecommerce.silver.orders: user_id must not be null (critical)"
    )


def test_critical_breaks_are_named_before_lesser_ones(lake: "S3Client") -> None:
    put_verdict(lake, verdict("failed", broken(DEPARTMENT, "22 pairs"), broken(USER_ID, "3 of 500 rows")))
    with pytest.raises(VerdictError) as caught:
        a_gate().execute(judged())
    message = str(caught.value)
    assert message.index("user_id must not") < message.index("correspond one to one")


def test_a_warning_publishes_and_is_reported_without_values(
    lake: "S3Client", inbox: Inbox, capfd: pytest.CaptureFixture[str]
) -> None:
    put_verdict(lake, verdict("warned", USER_ID, broken(DEPARTMENT, f"22 pairs, such as {SECRET_VALUE}")))
    assert a_gate().execute(judged()) == "warned"
    assert SECRET_VALUE in capfd.readouterr().out
    (told,) = inbox.messages()
    assert told["subject"] == "Warning: ecommerce.silver.orders"
    assert "department_id and department correspond one to one (warning)" in told["message"]
    assert SECRET_VALUE not in str(told)


@pytest.mark.parametrize(
    "summary",
    [
        {"outcome": "candidate", "tables": {"orders": "nothing_new"}},
        {"outcome": "candidate", "tables": {"products": "candidate"}},
        {"outcome": "nothing_new", "tables": {}},
    ],
    ids=["the table has nothing new", "the table was not asked for", "no run at all"],
)
def test_a_table_with_nothing_new_is_skipped_without_a_look_at_s3(
    lake: "S3Client", summary: dict[str, Any]
) -> None:
    # A verdict of an earlier attempt of the run must not open the gate.
    put_verdict(lake, verdict("passed"))
    with pytest.raises(AirflowSkipException, match=r"nothing new for ecommerce\.silver\.orders"):
        a_gate().execute(judged(summary))


def test_a_verdict_on_nothing_is_skipped(lake: "S3Client") -> None:
    put_verdict(lake, verdict("nothing_new"))
    with pytest.raises(AirflowSkipException, match="nothing new"):
        a_gate().execute(judged())


def test_a_missing_verdict_closes_the_gate_and_names_who_owes_it(lake: "S3Client") -> None:
    with pytest.raises(AirflowFailException, match=r"orders\.json does not exist: silver\.candidate ended"):
        a_gate().execute(judged())


def test_a_verdict_in_another_language_closes_the_gate(lake: "S3Client") -> None:
    put_verdict(lake, verdict("fine"))
    with pytest.raises(ValueError, match="outcome"):
        a_gate().execute(judged())


def test_keys_of_a_newer_engine_are_no_error(lake: "S3Client") -> None:
    put_verdict(lake, verdict("passed", USER_ID | {"unit": "rows"}, seconds=3))
    assert a_gate().execute(judged()) == "passed"


def test_the_button_opens_the_page_for_a_week_without_credentials(lake: "S3Client") -> None:
    put_verdict(lake, verdict("passed"))
    gate = a_gate()
    link, key = DataDocsLink(), cast("TaskInstanceKey", None)
    assert link.get_link(gate, ti_key=key) == "", "before there is a page"
    gate.execute(judged())
    url = urlsplit(link.get_link(gate, ti_key=key))
    query = parse_qs(url.query)
    assert "lake" in f"{url.netloc}{url.path}"
    assert url.path.endswith("metadata/data_docs/run-1/silver/orders.html")
    assert "Signature" in query
    assert int(query["Expires"][0]) == pytest.approx(time.time() + 7 * 24 * 3600, abs=600)
