"""The DAG `maintenance` as the DAG processor and the scheduler see it."""

from datetime import timedelta
from typing import Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction

from orchestration.maintenance_dag import MaintainOperator
from orchestration.notification import notify_failure

DOMAINS = ["clinical", "ecommerce", "market_data", "operations"]


@pytest.fixture(scope="session")
def maintenance(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["maintenance"]
    return dag


def test_each_domain_is_a_task_that_waits_for_no_other(maintenance: DAG) -> None:
    assert set(maintenance.task_ids) == {"plan", *DOMAINS}
    for domain in DOMAINS:
        task = maintenance.get_task(domain)
        assert isinstance(task, MaintainOperator)
        assert (task.domain, task.job_name) == (domain, "lakehouse-maintain")
        assert task.upstream_task_ids == {"plan"}


def test_it_holds_no_pool_of_a_publication(maintenance: DAG) -> None:
    assert {task.pool for task in maintenance.tasks} == {"default_pool"}


def test_it_runs_every_night_one_run_at_a_time(maintenance: DAG) -> None:
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(maintenance)).timetable
    last = DataInterval.exact(pendulum.datetime(2026, 4, 7, 2, 30))
    restriction = TimeRestriction(pendulum.datetime(2026, 1, 1), None, catchup=True)
    following = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
    assert following is not None
    assert following.run_after == pendulum.datetime(2026, 4, 8, 2, 30)
    assert maintenance.max_active_runs == 1
    assert not maintenance.catchup
    assert maintenance.dagrun_timeout == timedelta(hours=24)


def test_every_task_is_retried_timed_and_reported(maintenance: DAG) -> None:
    for task in maintenance.tasks:
        assert task.retries == 2, task.task_id
        assert task.execution_timeout == timedelta(hours=2), task.task_id
        assert task.on_failure_callback == [notify_failure], task.task_id


def test_the_form_needs_no_answer(maintenance: DAG) -> None:
    assert maintenance.params.validate() == {"domains": DOMAINS, "dry_run": False}


@pytest.mark.parametrize(("name", "value"), [("domains", ["weather"]), ("dry_run", "yes")])
def test_the_form_refuses(maintenance: DAG, name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError):
        maintenance.params.get_param(name).resolve(value)


def test_the_runbook_is_shown(maintenance: DAG) -> None:
    assert "A task is red." in (maintenance.doc_md or "")
