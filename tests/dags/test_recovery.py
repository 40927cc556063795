"""The DAG `recovery` as the DAG processor sees it."""

from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from orchestration.recovery_dag import RestoreOperator


@pytest.fixture(scope="session")
def recovery(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["recovery"]
    return dag


def test_nothing_is_restored_before_somebody_approves(recovery: DAG) -> None:
    assert {task.task_id: task.upstream_task_ids for task in recovery.tasks} == {
        "plan": set(),
        "approve": {"plan"},
        "restore": {"approve"},
    }
    assert isinstance(recovery.get_task("restore"), RestoreOperator)
    approve: Any = recovery.get_task("approve")
    assert isinstance(approve, ApprovalOperator)
    assert approve.fail_on_reject
    assert not approve.defaults, "without an answer nothing is restored"


def test_no_clock_starts_it(recovery: DAG) -> None:
    assert recovery.schedule is None


@pytest.mark.parametrize(("name", "value"), [("domain", "weather"), ("versions", {"a": -1}), ("versions", 3)])
def test_the_form_refuses(recovery: DAG, name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError):
        recovery.params.get_param(name).resolve(value)


def test_the_runbook_is_shown(recovery: DAG) -> None:
    assert "A whole domain" in (recovery.doc_md or "")
