"""Starting a run of a DAG and following it to its end, against an Airflow in memory."""

from typing import Any

import pytest
from rich.console import Console

from lakehouse.cli import dag_run
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.failure import CommandError
from lakehouse.operations.airflow_api import AirflowError, TaskState


class Airflow:
    """One DAG; its next run goes through `states`."""

    def __init__(self, *states: str, busy: tuple[str, ...] = (), tasks: tuple[TaskState, ...] = ()) -> None:
        self.states = [*states]
        self.busy = [*busy]
        self.owed: list[bool] = []
        self.known: list[bool] = []
        self.found = [*tasks]
        self.calls: list[Any] = []

    def knows(self, dag_id: str) -> bool:
        return self.known.pop(0) if self.known else True

    def unpause(self, dag_id: str) -> None:
        assert not self.known, "Airflow does not know the DAG yet"
        self.calls.append(("unpause", dag_id))

    def unfinished_runs(self, dag_id: str) -> list[str]:
        return self.busy

    def is_due(self, dag_id: str) -> bool:
        return self.owed.pop(0) if self.owed else False

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        self.calls.append(("trigger", dag_id, conf))
        return "manual-1"

    def run_state(self, dag_id: str, run_id: str) -> str:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        return self.found

    def reason(self, dag_id: str, run_id: str, task: TaskState) -> list[str]:
        return [f"why {task.task_id} failed"]

    def run_url(self, dag_id: str, run_id: str) -> str:
        return f"http://airflow.example/{dag_id}/{run_id}"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dag_run, "_POLL_SECONDS", 0.001)
    monkeypatch.setattr(dag_run, "_OTHER_RUN_SECONDS", 0)


def use(monkeypatch: pytest.MonkeyPatch, airflow: Airflow) -> Airflow:
    monkeypatch.setattr(dag_run, "AirflowApi", lambda: airflow)
    return airflow


def test_what_is_brought_is_there_before_the_run_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = use(monkeypatch, Airflow("queued", "running", "success"))

    run = run_dag(
        Console(quiet=True), "ecommerce", {"dates": []}, before=lambda: airflow.calls.append("bring")
    )

    assert airflow.calls == [("unpause", "ecommerce"), "bring", ("trigger", "ecommerce", {"dates": []})]
    assert (run.run_id, run.url) == ("manual-1", "http://airflow.example/ecommerce/manual-1")


def test_a_dag_that_airflow_has_not_parsed_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lakehouse up` is ready before the DAG processor has been through all files."""
    monkeypatch.setattr("lakehouse.operations.airflow_api.time.sleep", lambda _: None)
    airflow = use(monkeypatch, Airflow("success"))
    airflow.known = [False, False, True]

    run_dag(Console(quiet=True), "ecommerce", {})

    assert [call[0] for call in airflow.calls] == ["unpause", "trigger"]


def test_another_run_that_is_unfinished_is_named_and_nothing_is_brought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    airflow = use(monkeypatch, Airflow("success", busy=("scheduled-1",)))
    with pytest.raises(CommandError, match="another run is unfinished: scheduled-1"):
        run_dag(Console(quiet=True), "ecommerce", {}, before=lambda: airflow.calls.append("bring"))
    assert airflow.calls == [("unpause", "ecommerce")]


def test_a_run_that_the_schedule_owes_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or it would take what is brought, and ours would find nothing."""
    monkeypatch.setattr(dag_run, "_OTHER_RUN_SECONDS", 30)
    airflow = use(monkeypatch, Airflow("success"))
    airflow.owed = [True, False]
    run_dag(Console(quiet=True), "ecommerce", {}, before=lambda: airflow.calls.append("bring"))
    assert airflow.owed == []
    assert airflow.calls[-2:] == ["bring", ("trigger", "ecommerce", {})]


def test_a_run_that_failed_says_which_task_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = (
        TaskState("plan", "success", None, None, 1),
        TaskState("bronze_to_silver.publish", "failed", None, None, 1),
    )
    use(monkeypatch, Airflow("running", "failed", tasks=tasks))
    with pytest.raises(CommandError, match=r"the run failed after .*ecommerce/manual-1"):
        run_dag(Console(), "ecommerce", {})
    told = capsys.readouterr().out
    assert "why bronze_to_silver.publish failed" in told
    assert "why plan failed" not in told


def test_airflow_out_of_reach_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AirflowError("Airflow does not answer")

    monkeypatch.setattr(dag_run, "AirflowApi", refuse)
    with pytest.raises(CommandError, match="Airflow does not answer"):
        run_dag(Console(quiet=True), "ecommerce", {})
