"""The DAG `clinical` as the DAG processor sees it; what all domains share, `ecommerce` tests."""

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from orchestration.arrival_sensor import ArrivalSensor
from orchestration.gate import GateOperator
from orchestration.layer_steps import CandidateOperator
from tests.dags.layers import layer_tasks

FOLDERS = [
    "bundle", "condition", "coverage", "encounter", "location", "observation", "organization", "patient", "procedure",
]  # fmt: skip
MEASURES = ["average_length_of_stay", "infection", "mortality", "readmission"]
LAYERS = {
    "raw_to_bronze": ["fhir_resources"],
    "bronze_to_silver": [*FOLDERS[1:], "resource"],
    "silver_to_gold": [*MEASURES, "ecqm_cohort", "inpatient_episode", "measure_evidence"],
}


@pytest.fixture(scope="session")
def clinical(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["clinical"]
    return dag


def test_each_table_of_the_contracts_is_a_task(clinical: DAG) -> None:
    layers = layer_tasks(LAYERS)
    waits = {f"wait_for.{folder}" for folder in FOLDERS}
    others = {"plan", "archive", "record", "athena.register"}
    checks = {task for task in clinical.task_ids if task.startswith("validate.")}
    assert set(clinical.task_ids) - checks == {*others, *waits, *layers}
    assert checks


def test_each_folder_has_a_sensor_and_any_file_lets_the_run_begin(clinical: DAG) -> None:
    sensors = [clinical.get_task(f"wait_for.{folder}") for folder in FOLDERS]
    assert [isinstance(one, ArrivalSensor) and one.bucket_key for one in sensors] == [
        f"raw/{folder}/*[!/]" for folder in FOLDERS
    ]
    begin = clinical.get_task("raw_to_bronze.candidate")
    assert isinstance(begin, CandidateOperator)
    assert sorted(begin.sensors) == sorted(one.task_id for one in sensors)


def test_what_silver_derives_is_judged_with_gold_at_its_own_address(clinical: DAG) -> None:
    gate = clinical.get_task("silver_to_gold.gate_inpatient_episode")
    assert isinstance(gate, GateOperator)
    assert (gate.layer, gate.table, gate.candidate) == (
        "silver",
        "inpatient_episode",
        "silver_to_gold.candidate",
    )


def test_the_runbook_is_shown(clinical: DAG) -> None:
    assert "A correction." in (clinical.doc_md or "")
