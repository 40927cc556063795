"""The DAG folder, loaded once as the DAG processor does."""

import tests.airflow_home  # noqa: F401 - before Airflow

import pytest  # isort: skip
from airflow.dag_processing.dagbag import DagBag  # isort: skip
from airflow.sdk import DAG  # isort: skip

from pathlib import Path  # isort: skip

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def dag_bag() -> DagBag:
    return DagBag(ROOT / "dags", include_examples=False)


@pytest.fixture(scope="session")
def ecommerce(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["ecommerce"]
    return dag
