"""The DAG `operations` as the DAG processor sees it; what all domains share, `ecommerce` tests."""

from datetime import UTC, datetime

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronDataIntervalTimetable
from airflow.serialization.serialized_objects import DagSerialization

from orchestration.domain_dag import build_domain_dag
from tests.dags.layers import layer_tasks
from tests.dags.test_ecommerce import upstream

DATASETS = ["expectation_results", "runs"]
LAYERS = {"raw_to_bronze": DATASETS, "bronze_to_silver": DATASETS, "silver_to_gold": ["quality", "runs"]}


@pytest.fixture(scope="session")
def operations(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["operations"]
    return dag


def test_each_table_of_the_contracts_is_a_task(operations: DAG) -> None:
    layers = layer_tasks(LAYERS)
    others = {"plan", "archive", "record", "athena.register", *(f"wait_for.{name}" for name in DATASETS)}
    assert set(operations.task_ids) == {*others, *layers, "validate.conservation", "validate.reconcile_runs"}


def test_records_that_arrive_do_not_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its runs leaves a record: by arrivals it would start itself for ever."""
    monkeypatch.setenv("LAKEHOUSE_ARRIVALS_QUEUE", "https://sqs.us-east-1.amazonaws.com/1/arrivals")
    ledger, shop = (
        build_domain_dag(
            domain, cron="0 8 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=None, tags=[]
        )
        for domain in ("operations", "ecommerce")
    )
    assert isinstance(ledger.timetable, CronDataIntervalTimetable)
    assert not isinstance(shop.timetable, CronDataIntervalTimetable)


def test_the_last_word_on_a_run_is_not_the_records(dag_bag: DagBag) -> None:
    """A teardown: what it does, or that it succeeds, does not make a failed run green."""
    for domain in ("clinical", "ecommerce", "market_data", "operations"):
        dag = DagSerialization.from_dict(DagSerialization.to_dict(dag_bag.dags[domain]))
        record = dag.get_task("record")
        assert record.is_teardown
        assert not record.on_failure_fail_dagrun
        assert {task_id for task_id in dag.task_ids if not dag.get_task(task_id).downstream_task_ids} == {
            "record"
        }
        assert "archive" in upstream(dag_bag.dags[domain], "record")


def test_the_runbook_is_shown(operations: DAG) -> None:
    assert "operations_gold.runs" in (operations.doc_md or "")
