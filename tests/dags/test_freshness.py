"""The DAG `freshness` as the DAG processor sees it."""

from airflow.dag_processing.dagbag import DagBag

from lakehouse.operations.pools import domains


def test_each_domain_is_a_task_that_waits_for_no_other(dag_bag: DagBag) -> None:
    dag = dag_bag.dags["freshness"]
    assert sorted(dag.task_ids) == domains()
    assert not any(task.upstream_task_ids for task in dag.tasks)


def test_a_late_table_is_told_by_the_check_alone(dag_bag: DagBag) -> None:
    assert not any(task.on_failure_callback for task in dag_bag.dags["freshness"].tasks)
    assert not any(task.retries for task in dag_bag.dags["freshness"].tasks)


def test_the_runbook_is_shown(dag_bag: DagBag) -> None:
    assert "A task is red." in (dag_bag.dags["freshness"].doc_md or "")
