"""Building a domain's DAG: templates, settings, and where its SQL is found."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from lakehouse.contract import ContractError
from orchestration import domain_dag
from orchestration.athena import RegisterOperator
from orchestration.domain_dag import build_domain_dag
from tests.orchestration.running import a_context, a_plan

BUCKETS = {"*": "lake", "gold": "mart", "raw": "inbox"}


def a_dag(domain: str = "ecommerce") -> DAG:
    return build_domain_dag(
        domain, cron="0 6 * * *", start_date=datetime(2025, 1, 1, tzinfo=UTC), doc_md=None, tags=[]
    )


def rendered(task_id: str) -> Any:
    """The task as it is when it runs in buckets of its own per layer."""
    task: Any = a_dag().get_task(task_id)
    task.render_template_fields(a_context(a_plan(buckets=BUCKETS)))
    return task


@pytest.mark.parametrize("dataset", ["products", "orders", "order_items"])
def test_a_sensor_looks_into_the_bucket_of_raw(dataset: str) -> None:
    sensor = rendered(f"wait_for.{dataset}")
    assert (sensor.bucket_name, sensor.bucket_key) == ("inbox", f"raw/{dataset}/*[!/]")


def test_registration_names_each_table_in_the_bucket_of_its_layer() -> None:
    register = rendered("athena.register")
    assert isinstance(register, RegisterOperator)
    script = "\n".join(register.scripts)
    assert "{{" not in script
    assert "LOCATION 's3://mart/gold/daily_sales'" in script
    assert "LOCATION 's3://lake/silver/orders'" in script
    # Databases first, then tables, then views that read them.
    assert script.index("CREATE DATABASE") < script.index("CREATE EXTERNAL TABLE") < script.index("VIEW")


def test_each_check_runs_its_own_query_on_gold() -> None:
    task_ids = [task_id for task_id in a_dag().task_ids if task_id.startswith("validate.")]
    checks = [rendered(task_id) for task_id in task_ids]
    assert len({check.query for check in checks}) == len(checks) == 5
    assert all("SELECT" in check.query and "{{" not in check.query for check in checks)
    assert {check.database for check in checks} == {"ecommerce_gold"}
    assert "ecommerce_gold.daily_sales" in rendered("validate.reconcile_daily_sales").query


def test_settings_reach_the_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__TASK_RETRIES", "5")
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__WAIT_MINUTES", "7")
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__GLUE_SYNC_SECONDS", "9")
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", "test-")
    monkeypatch.setenv("ECOM_AWS_REGION", "eu-central-1")
    dag = a_dag()
    publish: Any = dag.get_task("raw_to_bronze.publish")
    assert publish.retries == 5
    assert publish.sync_seconds == 9
    assert publish.job_name == "test-publish"
    assert publish.region_name == "eu-central-1"
    assert dag.params["wait_minutes"] == 7


def test_the_bucket_is_asked_for_when_the_plan_is_made_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_settings: object) -> str:
        raise AssertionError("STS is asked while the DAG is built")

    monkeypatch.setattr("lakehouse.settings.Settings.resolved_bucket_name", refuse)
    a_dag()


def test_with_a_queue_the_scheduler_still_reads_the_dag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "LAKEHOUSE_ARRIVALS_QUEUE", "https://sqs.us-east-1.amazonaws.com/123456789012/arrivals"
    )
    stored = DagSerialization.from_dict(DagSerialization.to_dict(a_dag()))
    assert type(stored.timetable).__name__ == "AssetOrTimeSchedule"


def test_a_domain_without_contracts_is_an_error() -> None:
    with pytest.raises(ContractError, match="weather"):
        a_dag("weather")


@pytest.mark.parametrize("shipped", ["include/sql", "plugins/include/sql"])
def test_sql_is_found_beside_the_plugins_and_inside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped: str
) -> None:
    """MWAA takes one archive of plugins, so include/ travels inside it."""
    scripts = tmp_path / shipped / "shop" / "registration"
    scripts.mkdir(parents=True)
    (scripts / "2_tables.sql").touch()
    (scripts / "1_databases.sql").touch()
    monkeypatch.setattr(domain_dag, "__file__", str(tmp_path / "plugins" / "orchestration" / "domain_dag.py"))
    assert domain_dag._scripts("shop", "registration") == [
        "shop/registration/1_databases.sql",
        "shop/registration/2_tables.sql",
    ]
