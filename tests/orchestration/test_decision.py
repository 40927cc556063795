"""A person is asked about a candidate with warnings, and publishing obeys the answer.

The provider's operator and trigger run as they are; only Airflow's API behind them is replaced.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from airflow.providers.standard.triggers.hitl import HITLTrigger
from airflow.sdk import DAG, Context, TriggerRule
from airflow.sdk.api.datamodels._generated import HITLDetailResponse, HITLUser
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred
from airflow.sdk.execution_time.comms import CreateHITLDetailPayload, UpdateHITLDetail
from airflow.serialization.serialized_objects import DagSerialization

from lakehouse import contract as contracts
from orchestration.configuration import configuration
from orchestration.decision import DecisionOperator
from orchestration.domain_dag import build_domain_dag
from orchestration.gate import GateOperator
from orchestration.layer_steps import PublishOperator
from tests.lakehouse.contract_files import contract_of, declare_in, document
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import (
    DEPARTMENT,
    SECRET_VALUE,
    USER_ID,
    broken,
    keys,
    put,
    put_verdict,
    read,
    verdict,
)
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DECISION = "metadata/decisions/run-1/silver/orders.json"
ANSWERED_AT = datetime(2025, 4, 2, 7, 30, tzinfo=UTC)
RULE = "department_id and department correspond one to one"


class Airflow:
    """Airflow's API as a task and a trigger see it: holds the question, and the answer once there is one."""

    def __init__(self) -> None:
        self.question: CreateHITLDetailPayload | None = None
        self.answer = HITLDetailResponse(response_received=False)

    def send(self, msg: Any) -> Any:
        match msg:
            case CreateHITLDetailPayload():
                self.question = msg
            case UpdateHITLDetail():
                self._keep(None, msg.chosen_options, msg.params_input or {})
        return self.answer

    def respond(self, choice: str, **params: Any) -> None:
        self._keep(HITLUser(id="17", name="mlopez"), [choice], params)

    def _keep(self, user: HITLUser | None, options: list[str], params: dict[str, Any]) -> None:
        self.answer = HITLDetailResponse(
            response_received=True,
            responded_by_user=user,
            responded_at=ANSWERED_AT,
            chosen_options=options,
            params_input=params,
        )


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Airflow:
    api = Airflow()
    monkeypatch.setattr("airflow.sdk.execution_time.task_runner.SUPERVISOR_COMMS", api, raising=False)
    return api


@pytest.fixture
def warned(lake: "S3Client") -> "S3Client":
    """The checkpoint of silver's orders has warned, about 12 of 500 rows."""
    expectations = (USER_ID, broken(DEPARTMENT, f"12 of 500 rows, such as {SECRET_VALUE}"))
    put_verdict(lake, verdict("warned", *expectations))
    counts = {"read": 510, "published": 500, "rejected": 10}
    tables = {"orders": {"outcome": "candidate", "counts": counts}}
    put(lake, "metadata/runs/run-1/silver/candidate.json", {"outcome": "candidate", "tables": tables})
    return lake


def asking(**rules: Any) -> DecisionOperator:
    made = contract_of("orders", **{"onWarning": "ask"} | rules)
    made = made.model_copy(update={"id": "ecommerce.silver.orders"})
    return DecisionOperator(task_id="decide_orders", contract=made, candidate="candidate", gate="gate_orders")


def after_the_gate(outcome: str | None = "warned", **returned: Any) -> Context:
    return a_context(gate_orders=outcome, **returned)


def asked(operator: DecisionOperator) -> HITLTrigger:
    """The trigger for which the operator defers."""
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(after_the_gate())
    assert deferred.value.method_name == "execute_complete"
    return cast("HITLTrigger", deferred.value.trigger)


def event_of(trigger: HITLTrigger) -> dict[str, Any]:
    return dict(asyncio.run(_first(trigger)).payload)


async def _first(trigger: HITLTrigger) -> Any:
    return await anext(trigger.run())


def decided(operator: DecisionOperator) -> dict[str, Any]:
    """What the task returns once the trigger has fired."""
    trigger = asked(operator)
    return operator.execute_complete(after_the_gate(), event_of(trigger))


class TestQuestion:
    def test_it_shows_rules_and_counts_and_no_value(self, warned: "S3Client", airflow: Airflow) -> None:
        asked(asking())
        question = airflow.question
        assert question is not None
        assert question.subject == "ecommerce.silver.orders: publish in spite of warnings?"
        assert question.options == ["publish", "stop"]
        body = question.body or ""
        assert f"- {RULE} (warning): 12 of 500 rows\n" in body
        assert "510 read, 500 published, 10 rejected" in body
        assert "s3://lake/raw/orders/april.csv" in body
        assert "[Data Docs](http" in body
        assert "metadata/data_docs/run-1/silver/orders.html" in body
        assert "user_id must not be null" not in body, "what holds is no reason"
        # Airflow asks the first question once more after a clear: it must not pass for the present.
        assert f"as of {datetime.now(UTC):%Y-%m-%d}" in body
        assert "the log of `gate_orders` shows what holds now" in body
        assert SECRET_VALUE not in f"{question.subject}{body}"

    @pytest.mark.parametrize(
        ("rules", "minutes", "default"),
        [({}, 1440, "stop"), ({"onWarningTimeoutMinutes": 30, "onWarningDefault": "publish"}, 30, "publish")],
    )
    def test_it_waits_as_long_as_the_contract_says(
        self, warned: "S3Client", airflow: Airflow, rules: dict[str, Any], minutes: int, default: str
    ) -> None:
        trigger = asked(asking(**rules))
        assert trigger.timeout_datetime is not None
        left = trigger.timeout_datetime - datetime.now(UTC)
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)
        assert trigger.defaults == [default]
        assert airflow.question is not None
        assert f"answer within {minutes} minutes it is `{default}`" in (airflow.question.body or "")

    @pytest.mark.parametrize("outcome", ["passed", None])
    def test_without_a_warning_nobody_is_asked(
        self, lake: "S3Client", airflow: Airflow, outcome: str | None
    ) -> None:
        with pytest.raises(AirflowSkipException, match="nothing to decide"):
            asking().execute(after_the_gate(outcome))
        assert airflow.question is None


class TestAnswer:
    @pytest.mark.parametrize("choice", ["publish", "stop"])
    def test_choice_author_and_reason_are_kept(
        self, warned: "S3Client", airflow: Airflow, choice: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        airflow.respond(choice, reason="agreed with sales")
        result = decided(asking())
        assert result == {
            "address": "ecommerce.silver.orders",
            "run_id": "run-1",
            "choice": choice,
            "author": "mlopez (17)",
            "reason": "agreed with sales",
            "at": "2025-04-02T07:30:00+00:00",
            "broken_rules": [RULE],
        }
        assert read(warned, DECISION) == result
        assert f"mlopez (17) decided at 2025-04-02T07:30:00+00:00 to {choice}: agreed with sales" in (
            capfd.readouterr().out
        )

    def test_a_reason_may_be_left_out(self, warned: "S3Client", airflow: Airflow) -> None:
        airflow.respond("publish")
        assert decided(asking())["reason"] == ""

    @pytest.mark.parametrize("default", ["publish", "stop"])
    def test_when_time_is_over_the_default_counts(
        self, warned: "S3Client", airflow: Airflow, default: str
    ) -> None:
        operator = asking(onWarningDefault=default)
        trigger = asked(operator)
        trigger.timeout_datetime = datetime.now(UTC) - timedelta(seconds=1)
        result = operator.execute_complete(after_the_gate(), event_of(trigger))
        assert (result["choice"], result["author"]) == (default, None)
        assert read(warned, DECISION) == result

    def test_no_answer_yet_keeps_it_waiting(self, warned: "S3Client", airflow: Airflow) -> None:
        trigger = asked(asking())
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(_first(trigger), timeout=0.2))
        assert keys(warned, "metadata/decisions/") == []


class TestPublish:
    def publish(self, gate: str, decision: dict[str, Any] | None) -> dict[str, str]:
        operator = PublishOperator(
            task_id="publish",
            layer="silver",
            candidate="candidate",
            decisions={"gate_orders": "decide_orders"},
            settings=configuration(),
            aws_conn_id=None,
            region_name="us-east-1",
        )
        summary = {"outcome": "candidate", "tables": {"orders": "candidate", "products": "candidate"}}
        context = after_the_gate(gate, candidate=summary, decide_orders=decision)
        return operator.arguments(a_plan(), context)

    def decision(self, choice: str, author: str | None = "mlopez (17)") -> dict[str, Any]:
        return {
            "address": "ecommerce.silver.orders",
            "run_id": "run-1",
            "choice": choice,
            "author": author,
            "reason": f"ask {SECRET_VALUE}",
            "at": "2025-04-02T07:30:00+00:00",
            "broken_rules": [RULE],
        }

    def test_consent_publishes_the_layer(self) -> None:
        assert self.publish("warned", self.decision("publish"))["--tables"] == "orders,products"

    def test_where_nothing_was_asked_nothing_is_needed(self) -> None:
        assert self.publish("passed", None)["--tables"] == "orders,products"

    def test_stop_fails_for_good_and_says_who_decided_and_what_to_do(self) -> None:
        with pytest.raises(AirflowFailException) as caught:
            self.publish("warned", self.decision("stop"))
        message = str(caught.value)
        assert "ecommerce.silver.orders: mlopez (17) decided at 2025-04-02T07:30:00+00:00 to stop" in message
        assert "Nothing of ecommerce.silver was published; its published tables are as before" in message
        assert RULE in message
        assert "clear decide_orders to be asked again" in message
        # The failure callback tells this; a reason is free text.
        summary = cast("Any", caught.value).summary
        assert summary == "ecommerce.silver.orders: mlopez (17) decided to stop"

    def test_a_default_that_stops_says_that_nobody_answered(self) -> None:
        with pytest.raises(AirflowFailException, match="nobody answered in time, so the contract's default"):
            self.publish("warned", self.decision("stop", author=None))

    def test_a_question_without_an_answer_publishes_nothing(self) -> None:
        """As when somebody marks the asking task a success by hand."""
        with pytest.raises(AirflowFailException, match="decide_orders asked for a decision and kept none"):
            self.publish("warned", None)


def test_the_gate_tells_that_a_decision_is_waited_for(warned: "S3Client", inbox: Inbox) -> None:
    gate = GateOperator(task_id="gate", layer="silver", table="orders", candidate="candidate", asks=True)
    assert gate.execute(a_context(candidate={"tables": {"orders": "candidate"}})) == "warned"
    (told,) = inbox.messages()
    assert "ecommerce.silver.orders waits for a decision" in told["message"]
    assert "is published" not in told["message"]


class TestDag:
    @pytest.fixture
    def shop(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DAG]:
        """Silver has a table that asks, gold two; bronze none."""
        declare = declare_in(tmp_path, monkeypatch)
        declare(document("orders", layer="bronze"), layer="bronze")
        declare(
            document("orders", inputs=["shop.bronze.orders"], onWarning="ask"),
            document("products", inputs=["shop.bronze.orders"]),
        )
        ask: dict[str, Any] = {"inputs": ["shop.silver.orders"], "onWarning": "ask", "layer": "gold"}
        declare(
            document("sales", **ask, onWarningTimeoutMinutes=30),
            document("returns", **ask, onWarningTimeoutMinutes=90),
            layer="gold",
        )
        start = datetime(2025, 1, 1, tzinfo=UTC)
        yield build_domain_dag("shop", cron="0 6 * * *", start_date=start, doc_md=None, tags=[])
        contracts.tables.cache_clear()

    def test_only_a_table_that_asks_has_the_task(self, shop: DAG) -> None:
        tasks = {task_id for task_id in shop.task_ids if "decide_" in task_id}
        assert tasks == {
            "bronze_to_silver.decide_orders",
            "silver_to_gold.decide_sales",
            "silver_to_gold.decide_returns",
        }

    def test_it_stands_between_its_gate_and_publishing(self, shop: DAG) -> None:
        decide = shop.get_task("bronze_to_silver.decide_orders")
        publish = shop.get_task("bronze_to_silver.publish")
        assert decide.upstream_task_ids == {"bronze_to_silver.gate_orders"}
        assert decide.trigger_rule == TriggerRule.ALL_SUCCESS
        assert publish.upstream_task_ids == {
            "bronze_to_silver.gate_orders",
            "bronze_to_silver.gate_products",
            "bronze_to_silver.decide_orders",
        }
        # A question that is skipped must not skip publishing; one open gate suffices.
        assert publish.trigger_rule == TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
        assert cast("Any", publish).decisions == {
            "bronze_to_silver.gate_orders": "bronze_to_silver.decide_orders"
        }

    def test_its_gate_knows_that_it_asks(self, shop: DAG) -> None:
        gates: Any = [shop.get_task(task_id) for task_id in shop.task_ids if ".gate_" in task_id]
        assert {f"{gate.layer}.{gate.table}" for gate in gates if gate.asks} == {
            "silver.orders",
            "gold.sales",
            "gold.returns",
        }

    def test_a_run_outlives_its_questions(self, shop: DAG) -> None:
        """24 hours of its own, silver's question of 24 hours, then gold's two at once."""
        assert shop.dagrun_timeout == timedelta(hours=48, minutes=90)

    def test_the_scheduler_reads_it(self, shop: DAG) -> None:
        stored = DagSerialization.to_dict(shop)
        assert set(DagSerialization.from_dict(stored).task_ids) == set(shop.task_ids)
