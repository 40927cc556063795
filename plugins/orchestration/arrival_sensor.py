"""Files of one dataset in a landing folder of it: found, waited for, or nothing new."""

from datetime import timedelta
from typing import Any

from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSensorTimeout, AirflowSkipException

from lakehouse.contract import Contract
from orchestration.configuration import Configuration
from orchestration.documents import current_plan


class ArrivalSensor(S3KeySensor):
    """Succeeds when a file is there, is skipped when none came.

    A scheduled run waits, deferred, as long as `wait_minutes` says, unless the contract says that the dataset
    arrives only occasionally; every other run looks once.
    """

    def __init__(self, *, contract: Contract, landing: str, settings: Configuration, **kwargs: Any) -> None:
        # A key that ends in "/" is the placeholder of a folder, not a file.
        super().__init__(
            bucket_key=f"{landing}/*[!/]",
            bucket_name="{{ bucket('raw') }}",
            wildcard_match=True,
            deferrable=True,
            poke_interval=settings.sensor_poke_interval,
            **kwargs,
        )
        self.dataset = contract.name
        self.landing = landing
        self.is_occasional = contract.rules.arrival == "occasional"

    def execute(self, context: Context) -> bool:  # type: ignore[override]
        plan = current_plan(context)
        if self.dataset not in plan.tables["bronze"]:
            raise AirflowSkipException(f"{self.dataset} is not among this run's datasets")
        if self.poke(context):
            return True
        if self.is_occasional or not plan.wait_minutes:
            raise self._nothing_new()
        self.timeout = timedelta(minutes=plan.wait_minutes).total_seconds()
        self._defer()
        return False

    def execute_complete(self, context: Context, event: dict[str, Any]) -> bool:  # type: ignore[override]
        super().execute_complete(context, event)
        return True

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except AirflowSensorTimeout:
            raise self._nothing_new() from None

    def _nothing_new(self) -> AirflowSkipException:
        return AirflowSkipException(f"nothing new in s3://{self.bucket_name}/{self.landing}/")
