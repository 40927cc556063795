"""A job whose definition Glue would take, told as Glue tells it."""

from typing import Any

from moto.glue import models

from local_aws.glue.capacity import capacity, check_job


class CheckedJob(models.FakeJob):  # type: ignore[misc]
    """One job."""

    queuing = False

    def __init__(self, *arguments: Any, **definition: Any) -> None:
        super().__init__(*arguments, **definition)
        check_job(self.command, self.__dict__)

    def as_dict(self) -> dict[str, Any]:
        described: dict[str, Any] = super().as_dict()
        dpu = capacity((self.command or {}).get("Name"), self.__dict__)
        return described | {
            "MaxCapacity": dpu,
            "AllocatedCapacity": int(dpu),
            "MaxRetries": self.max_retries or 0,
            "JobRunQueuingEnabled": self.queuing,
        }
