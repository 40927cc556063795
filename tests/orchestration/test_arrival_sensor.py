"""Waiting for files: who waits, how long, and what counts as a file."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, TaskDeferred

from lakehouse.address import Address
from lakehouse.contract import load
from orchestration.arrival_sensor import ArrivalSensor
from orchestration.configuration import configuration
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def a_sensor(dataset: str = "orders") -> ArrivalSensor:
    sensor = ArrivalSensor(
        task_id=dataset,
        contract=load(Address("ecommerce", "bronze", dataset)),
        landing=f"raw/{dataset}",
        settings=replace(configuration(), sensor_poke_interval=7),
        aws_conn_id=None,
        region_name="us-east-1",
    )
    # In a run, Airflow renders the template {{ bucket('raw') }} (see test_domain_dag).
    sensor.bucket_name = "lake"
    return sensor


@pytest.mark.parametrize("key", ["raw/orders/april.csv", "raw/orders/2025/04/april.xlsx", "raw/orders/x"])
@pytest.mark.parametrize("wait_minutes", [0, 45])
def test_a_file_is_found_at_once(lake: "S3Client", key: str, wait_minutes: int) -> None:
    lake.put_object(Bucket="lake", Key=key)
    assert a_sensor().execute(a_context(a_plan(wait_minutes=wait_minutes))) is True


@pytest.mark.parametrize(
    "key",
    [
        "raw/orders/",
        "raw/orders/2025/",
        "raw/order_items/april.csv",
        "raw/archive/orders/april.csv",
        "orders/a",
    ],
)
def test_what_is_no_file_of_the_dataset(lake: "S3Client", key: str) -> None:
    lake.put_object(Bucket="lake", Key=key)
    with pytest.raises(AirflowSkipException, match="nothing new in s3://lake/raw/orders/"):
        a_sensor().execute(a_context())


def test_a_run_started_by_hand_looks_once(lake: "S3Client") -> None:
    with pytest.raises(AirflowSkipException, match="nothing new"):
        a_sensor().execute(a_context(a_plan(wait_minutes=0)))


def test_a_scheduled_run_waits_deferred_as_long_as_its_form_says(lake: "S3Client") -> None:
    with pytest.raises(TaskDeferred) as deferred:
        a_sensor().execute(a_context(a_plan(wait_minutes=45)))
    assert deferred.value.timeout == timedelta(minutes=45)
    assert deferred.value.method_name == "execute_complete"
    trigger: Any = deferred.value.trigger
    assert isinstance(trigger, S3KeyTrigger)
    assert (trigger.bucket_name, trigger.bucket_key) == ("lake", "raw/orders/*[!/]")
    assert trigger.wildcard_match
    assert trigger.poke_interval == 7


def test_nobody_waits_for_what_arrives_only_occasionally(lake: "S3Client") -> None:
    # The contract of products says `arrival: occasional`.
    with pytest.raises(AirflowSkipException, match="nothing new in s3://lake/raw/products/"):
        a_sensor("products").execute(a_context(a_plan(wait_minutes=45)))


def test_a_dataset_that_was_not_asked_for_is_skipped_though_it_has_files(lake: "S3Client") -> None:
    lake.put_object(Bucket="lake", Key="raw/orders/april.csv")
    plan = a_plan(tables={"bronze": ["products"], "silver": [], "gold": []}, wait_minutes=45)
    with pytest.raises(AirflowSkipException, match="orders is not among this run's datasets"):
        a_sensor().execute(a_context(plan))


class TestAfterWaiting:
    def resume(self, method: str = "execute_complete", **kwargs: Any) -> Any:
        return a_sensor().resume_execution(method, kwargs, a_context(a_plan(wait_minutes=45)))

    def test_files_that_came_are_found(self) -> None:
        assert self.resume(event={"status": "success"}) is True

    def test_nothing_came_in_time_is_a_skip(self) -> None:
        with pytest.raises(AirflowSkipException, match="nothing new in s3://lake/raw/orders/"):
            self.resume("__fail__", error="Trigger timeout")

    def test_a_trigger_that_failed_is_an_error_and_no_skip(self) -> None:
        with pytest.raises(AirflowException, match="no such bucket"):
            self.resume(event={"status": "error", "message": "no such bucket"})

    def test_a_trigger_that_died_is_an_error_and_no_skip(self) -> None:
        with pytest.raises(AirflowException) as caught:
            self.resume("__fail__", error="Trigger failure")
        assert not isinstance(caught.value, AirflowSkipException)
