"""The DAG `replay` as the DAG processor sees it."""

from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from orchestration.replay_dag import ReplayOperator


@pytest.fixture(scope="session")
def replay(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["replay"]
    return dag


def test_nothing_is_switched_before_somebody_approves(replay: DAG) -> None:
    assert {task.task_id: task.upstream_task_ids for task in replay.tasks} == {
        "plan": set(),
        "compare": {"plan"},
        "is_switch_wanted": {"compare"},
        "approve": {"is_switch_wanted"},
        "switch": {"approve"},
    }
    compare, switch = replay.get_task("compare"), replay.get_task("switch")
    assert isinstance(compare, ReplayOperator)
    assert isinstance(switch, ReplayOperator)
    assert (compare.switch, switch.switch) == (False, True)
    approve: Any = replay.get_task("approve")
    assert approve.fail_on_reject
    assert not approve.defaults, "without an answer nothing is switched"


def test_neither_clock_nor_default_switches(replay: DAG) -> None:
    assert replay.params["switch"] is False
    assert replay.schedule is None


@pytest.mark.parametrize(
    ("name", "value"), [("domain", "weather"), ("source", "gold"), ("from", "yesterday")]
)
def test_the_form_refuses(replay: DAG, name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError):
        replay.params.get_param(name).resolve(value)


def test_the_runbook_is_shown(replay: DAG) -> None:
    assert "Pause the domain's DAG" in (replay.doc_md or "")
