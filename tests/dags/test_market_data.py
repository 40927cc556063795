"""The DAG `market_data` as the DAG processor and the scheduler see it; what all domains share, `ecommerce` tests."""

from datetime import timedelta

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction

from orchestration.arrival_sensor import ArrivalSensor
from tests.dags.layers import layer_tasks

BARS = ["ohlcv_1d", "ohlcv_1h", "ohlcv_1m", "ohlcv_5m"]
LAYERS = {
    "raw_to_bronze": ["coinbase_messages"],
    "bronze_to_silver": ["level2", "market_trades", "messages", "products", "ticker"],
    "silver_to_gold": ["completeness_1m", "depth_1m", *BARS, "spread_1m"],
}
CHECKS = {"validate.books", "validate.volumes", "validate.reconcile_ohlcv_1m"}


@pytest.fixture(scope="session")
def market_data(dag_bag: DagBag) -> DAG:
    dag: DAG = dag_bag.dags["market_data"]
    return dag


def test_each_table_of_the_contracts_is_a_task(market_data: DAG) -> None:
    layers = layer_tasks(LAYERS)
    others = {"plan", "archive", "record", "athena.register", "wait_for.coinbase_messages"}
    assert set(market_data.task_ids) == {*others, *layers, *CHECKS}


def test_it_waits_where_the_recorder_puts_finished_segments(market_data: DAG) -> None:
    sensor = market_data.get_task("wait_for.coinbase_messages")
    assert isinstance(sensor, ArrivalSensor)
    assert sensor.bucket_key == "raw/ready/coinbase/*[!/]"


def test_it_runs_every_five_minutes_one_run_at_a_time(market_data: DAG) -> None:
    timetable = DagSerialization.from_dict(DagSerialization.to_dict(market_data)).timetable
    last = DataInterval(pendulum.datetime(2026, 4, 7, 14, 25), pendulum.datetime(2026, 4, 7, 14, 30))
    restriction = TimeRestriction(pendulum.datetime(2026, 1, 1), None, catchup=True)
    following = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
    assert following is not None
    assert following.data_interval == DataInterval(last.end, last.end + timedelta(minutes=5))
    assert following.run_after == pendulum.datetime(2026, 4, 7, 14, 35)
    assert market_data.max_active_runs == 1
    assert not market_data.catchup


def test_its_layers_have_pools_of_their_own(market_data: DAG) -> None:
    pools = {task.task_id: task.pool for task in market_data.tasks if task.pool != "default_pool"}
    assert pools == {
        "raw_to_bronze.publish": "market_data_bronze",
        "bronze_to_silver.publish": "market_data_silver",
        "silver_to_gold.publish": "market_data_gold",
    }


def test_the_runbook_is_shown(market_data: DAG) -> None:
    assert "A minute is not complete" in (market_data.doc_md or "")
