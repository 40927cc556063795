"""Athena as tasks: scripts run statement by statement, and every column of a check must hold."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from moto.athena.models import QueryResults, athena_backends

from orchestration.athena import AthenaCheckOperator, RegisterOperator
from orchestration.configuration import configuration
from orchestration.failure import VerdictError
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type Answer = Callable[..., None]


@pytest.fixture
def athena(lake: "S3Client") -> Any:
    """Moto's Athena, in which every query succeeds, with the work group of the lakehouse."""
    boto3.client("athena").create_work_group(
        Name="lakehouse",
        Configuration={"ResultConfiguration": {"OutputLocation": "s3://lake/athena_queries/"}},
    )
    return athena_backends["123456789012"]["us-east-1"]


def queries(athena: Any) -> list[tuple[str, str, str]]:
    """(query, database, work group) of everything that was run, in order."""
    return [
        (execution.query.strip(), execution.context["Database"], execution.workgroup.name)
        for execution in athena.executions.values()
    ]


SETTINGS: Any = {
    "settings": replace(configuration(), athena_waiter_delay=0),
    "aws_conn_id": None,
    "region_name": "us-east-1",
}


class TestRegister:
    SCRIPTS = ("CREATE DATABASE a;\n\nCREATE DATABASE b;\n", "CREATE VIEW v AS SELECT ';' AS semicolon;")

    def execute(self, outcome: str) -> None:
        operator = RegisterOperator(
            task_id="register", scripts=self.SCRIPTS, candidate="candidate", **SETTINGS
        )
        operator.execute(a_context(candidate={"outcome": outcome, "tables": {}}))

    def test_statements_run_one_by_one_in_order(self, athena: Any) -> None:
        self.execute("candidate")
        statements = ["CREATE DATABASE a", "CREATE DATABASE b", "CREATE VIEW v AS SELECT ';' AS semicolon"]
        assert queries(athena) == [(statement, "default", "lakehouse") for statement in statements]

    def test_a_layer_with_nothing_new_needs_no_statement(self, athena: Any) -> None:
        with pytest.raises(AirflowSkipException, match="nothing new"):
            self.execute("nothing_new")
        assert queries(athena) == []

    def test_a_statement_that_fails_fails_the_task_and_ends_the_script(
        self, athena: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start = athena.start_query_execution

        def failing(*args: Any, **kwargs: Any) -> str:
            query_id: str = start(*args, **kwargs)
            athena.executions[query_id].status = "FAILED"
            return query_id

        monkeypatch.setattr(athena, "start_query_execution", failing)
        with pytest.raises(AirflowException, match="FAILED"):
            self.execute("candidate")
        assert len(queries(athena)) == 1


class TestCheck:
    @pytest.fixture
    def answer(self, athena: Any) -> Answer:
        """Has the next query return rows, the first naming the columns."""

        def answer(*rows: list[str | None]) -> None:
            data = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows]
            athena.query_results_queue.append(QueryResults(rows=data, column_info=[]))

        return answer

    def execute(self) -> str:
        operator = AthenaCheckOperator(
            task_id="totals", query="SELECT 1", database="ecommerce_gold", **SETTINGS
        )
        return operator.execute(a_context())

    def test_all_hold(self, athena: Any, answer: Answer) -> None:
        answer(["sums_agree", "differences"], ["true", "0"])
        assert self.execute() in athena.executions
        assert queries(athena) == [("SELECT 1", "ecommerce_gold", "lakehouse")]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sums_agree", "false"),
            ("sums_agree", None),
            ("sums_agree", "0"),
            ("sums_agree", "TRUE or not"),
            ("differences", "1"),
            ("differences", None),
            ("differences", "true"),
        ],
    )
    def test_one_that_does_not_hold_fails_for_good(
        self, athena: Any, answer: Answer, name: str, value: str | None
    ) -> None:
        answer(["counts_agree", name], ["true", value])
        with pytest.raises(VerdictError) as caught:
            self.execute()
        message = str(caught.value)
        assert isinstance(caught.value, AirflowFailException)
        assert f"totals: {name} is {value} (Athena query {next(iter(athena.executions))})" in message
        assert "counts_agree" not in message
        assert caught.value.summary == f"these checks do not hold: {name}"

    @pytest.mark.parametrize("rows", [[], [["true"], ["true"]]], ids=["none", "two"])
    def test_a_check_that_is_not_one_row_is_no_check(
        self, athena: Any, answer: Answer, rows: list[list[str | None]]
    ) -> None:
        answer(["sums_agree"], *rows)
        with pytest.raises(AirflowFailException, match=f"one row of checks, not {len(rows)}"):
            self.execute()


def test_a_killed_task_cancels_its_query(athena: Any) -> None:
    operator = AthenaCheckOperator(task_id="totals", query="SELECT 1", database="d", **SETTINGS)
    query_id = boto3.client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup="lakehouse")
    operator.query_execution_id = query_id["QueryExecutionId"]
    operator.on_kill()
    (execution,) = athena.executions.values()
    assert execution.status == "CANCELLED"
