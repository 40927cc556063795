"""The DAG `ecommerce` as the DAG processor and the scheduler see it."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction

from orchestration.notification import notify_failure
from tests.dags.layers import layer_tasks

ROOT = Path(__file__).parents[2]

DATASETS = ["order_items", "orders", "products"]
GOLD = ["customer_insights", "daily_sales", "department_analytics", "product_performance"]
LAYERS = {"raw_to_bronze": DATASETS, "bronze_to_silver": DATASETS, "silver_to_gold": GOLD}
CHECKS = {"validate.totals", *(f"validate.reconcile_{name}" for name in GOLD)}
LAST_WORD = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS


def test_every_file_of_the_folder_loads(dag_bag: DagBag) -> None:
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(path.stem for path in (ROOT / "dags").glob("*.py"))


def test_loading_imports_nothing_heavy_and_calls_nobody() -> None:
    """In a process of its own, without credentials: an MWAA worker has 2 GB for 5 tasks."""
    heavy = (
        "pyspark",
        "delta",
        "great_expectations",
        "pandas",
        "numpy",
        "pyarrow",
        "moto",
        "laptop",
        "local_aws",
    )
    script = f"""
import socket, sys
def refuse(*_): raise AssertionError("a network call while a DAG is parsed")
socket.socket.connect = refuse
import ecommerce
assert ecommerce.dag.dag_id == "ecommerce"
print(",".join(name for name in {heavy} if name in sys.modules))
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}:{ROOT / 'dags'}"}
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.splitlines()[-1] == ""


def test_each_table_of_the_contracts_is_a_task(ecommerce: DAG) -> None:
    layers = layer_tasks(LAYERS)
    sensors = {f"wait_for.{name}" for name in DATASETS}
    assert set(ecommerce.task_ids) == {
        "plan",
        "archive",
        "record",
        "athena.register",
        *sensors,
        *layers,
        *CHECKS,
    }


def upstream(dag: DAG, task_id: str) -> set[str]:
    return set(dag.get_task(task_id).upstream_task_ids)


def test_a_layer_is_judged_before_it_is_published(ecommerce: DAG) -> None:
    for group, tables in LAYERS.items():
        gates = {f"{group}.gate_{table}" for table in tables}
        assert upstream(ecommerce, f"{group}.publish") == gates
        assert all(upstream(ecommerce, gate) == {f"{group}.candidate"} for gate in gates)


def test_layers_follow_one_another(ecommerce: DAG) -> None:
    before = {group: {f"{group}.candidate", f"{group}.publish"} for group in LAYERS}
    assert upstream(ecommerce, "plan") == set()
    assert {task for name in DATASETS for task in upstream(ecommerce, f"wait_for.{name}")} == {"plan"}
    assert upstream(ecommerce, "raw_to_bronze.candidate") == {f"wait_for.{name}" for name in DATASETS}
    assert upstream(ecommerce, "bronze_to_silver.candidate") == before["raw_to_bronze"]
    assert upstream(ecommerce, "silver_to_gold.candidate") == before["bronze_to_silver"]
    assert upstream(ecommerce, "athena.register") == before["silver_to_gold"]
    assert all(upstream(ecommerce, check) == {"athena.register"} for check in CHECKS)
    # Files are put away only once bronze holds what they held and nothing failed after it.
    assert upstream(ecommerce, "archive") == {"raw_to_bronze.candidate", *CHECKS}
    assert upstream(ecommerce, "record") == {"archive", *CHECKS}


def test_a_layer_runs_though_the_one_before_had_nothing_to_publish(ecommerce: DAG) -> None:
    rules = {task.task_id: task.trigger_rule for task in ecommerce.tasks}
    assert rules["raw_to_bronze.candidate"] == TriggerRule.NONE_FAILED
    tolerant = {task_id for task_id, rule in rules.items() if rule == LAST_WORD}
    publishers = {f"{group}.publish" for group in LAYERS}
    assert tolerant == {
        "bronze_to_silver.candidate",
        "silver_to_gold.candidate",
        "athena.register",
        "archive",
        *publishers,
    }


def test_one_writer_at_a_time(ecommerce: DAG) -> None:
    assert ecommerce.max_active_runs == 1
    pools = {task.task_id: task.pool for task in ecommerce.tasks if task.pool != "default_pool"}
    assert pools == {
        "raw_to_bronze.publish": "ecommerce_bronze",
        "bronze_to_silver.publish": "ecommerce_silver",
        "silver_to_gold.publish": "ecommerce_gold",
    }


def test_every_task_is_retried_timed_and_reported(ecommerce: DAG) -> None:
    for task in ecommerce.tasks:
        assert task.retries == 2, task.task_id
        assert task.execution_timeout == timedelta(hours=2), task.task_id
        assert task.on_failure_callback == [notify_failure], task.task_id


def test_the_scheduler_reads_what_the_processor_writes(ecommerce: DAG) -> None:
    stored = DagSerialization.to_dict(ecommerce)
    assert set(DagSerialization.from_dict(stored).task_ids) == set(ecommerce.task_ids)


def test_nobody_is_asked_unless_a_contract_says_so(ecommerce: DAG) -> None:
    assert not [task_id for task_id in ecommerce.task_ids if "decide" in task_id]
    assert ecommerce.dagrun_timeout == timedelta(hours=24)


def test_a_scheduled_run_covers_the_day_before_it(ecommerce: DAG) -> None:
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(ecommerce)).timetable
    last = DataInterval(pendulum.datetime(2025, 3, 31, 6), pendulum.datetime(2025, 4, 1, 6))
    restriction = TimeRestriction(pendulum.datetime(2025, 1, 1), None, catchup=True)
    following = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
    assert following is not None
    assert following.data_interval == DataInterval(
        pendulum.datetime(2025, 4, 1, 6), pendulum.datetime(2025, 4, 2, 6)
    )
    assert following.run_after == pendulum.datetime(2025, 4, 2, 6)
    assert not ecommerce.catchup


FULL_FORM: dict[str, Any] = {
    "datasets": ["orders"],
    "dates": ["2025-04-01", "2025-04-02"],
    "from": "2025-04-01",
    "to": "2025-04-03",
    "full_refresh": True,
    "confirm_cost": True,
    "wait_minutes": 0,
    "rejected_share_limit": 0.5,
    "release": {"table": "orders", "rule": "type:total_amount", "file": "orders.csv", "run_id": "r"},
}


def test_the_form_needs_no_answer_and_takes_every_one(ecommerce: DAG) -> None:
    assert sorted(ecommerce.params.validate()["datasets"]) == DATASETS
    form = ecommerce.params
    assert set(form) == set(FULL_FORM)
    for name, value in FULL_FORM.items():
        assert form.get_param(name).resolve(value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("datasets", ["returns"]),
        ("datasets", "orders"),
        ("dates", "2025-04-01"),
        ("dates", ["1 April"]),
        ("from", "1 April"),
        ("to", "2025-4-1"),
        ("full_refresh", "yes"),
        ("wait_minutes", -1),
        ("wait_minutes", 1.5),
        ("rejected_share_limit", 1.01),
        ("rejected_share_limit", -0.01),
        ("release", {"rule": "type:total_amount"}),
        ("release", {"table": "orders", "category": "bad"}),
        ("release", {"table": "orders", "rows": "all"}),
    ],
)
def test_the_form_refuses(ecommerce: DAG, name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError):
        ecommerce.params.get_param(name).resolve(value)


def test_the_runbook_is_shown(ecommerce: DAG) -> None:
    assert "A gate is red" in (ecommerce.doc_md or "")
