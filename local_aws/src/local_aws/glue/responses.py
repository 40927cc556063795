"""Glue calls that moto lacks or only pretends."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import glue_backends
from moto.glue.responses import GlueResponse

from local_aws.glue.backend import RunningGlueBackend
from local_aws.glue.launch import stop_run

# Keys of JobUpdate -> arguments of moto's job.
JOB_FIELDS = {
    "Role": "role",
    "Command": "command",
    "Description": "description",
    "LogUri": "log_uri",
    "ExecutionProperty": "execution_property",
    "DefaultArguments": "default_arguments",
    "NonOverridableArguments": "non_overridable_arguments",
    "Connections": "connections",
    "MaxRetries": "max_retries",
    "AllocatedCapacity": "allocated_capacity",
    "Timeout": "timeout",
    "MaxCapacity": "max_capacity",
    "SecurityConfiguration": "security_configuration",
    "NotificationProperty": "notification_property",
    "GlueVersion": "glue_version",
    "NumberOfWorkers": "number_of_workers",
    "WorkerType": "worker_type",
    "CodeGenConfigurationNodes": "code_gen_configuration_nodes",
    "ExecutionClass": "execution_class",
    "SourceControlDetails": "source_control_details",
}

# Keys of StartJobRun -> arguments of a run.
RUN_FIELDS = {
    "AllocatedCapacity": "allocated_capacity",
    "MaxCapacity": "max_capacity",
    "Timeout": "timeout",
    "WorkerType": "worker_type",
    "SecurityConfiguration": "security_configuration",
    "NumberOfWorkers": "number_of_workers",
    "NotificationProperty": "notification_property",
    "JobRunId": "previous_run_id",
    "ExecutionClass": "execution_class",
    "JobRunQueuingEnabled": "queuing",
}


class RunningGlueResponse(GlueResponse):  # type: ignore[misc]
    """Serves one Glue request."""

    @property
    def glue_backend(self) -> RunningGlueBackend:
        return glue_backends[self.current_account][self.region]  # type: ignore[no-any-return]

    def create_job(self) -> ActionResult:
        answer = super().create_job()
        self.glue_backend.get_job(self.parameters["Name"]).queuing = bool(
            self.parameters.get("JobRunQueuingEnabled")
        )
        return answer

    def update_job(self) -> ActionResult:
        name, update = self.parameters["JobName"], self.parameters["JobUpdate"]
        self.glue_backend.update_job(name, {field: update.get(key) for key, field in JOB_FIELDS.items()})
        self.glue_backend.get_job(name).queuing = bool(update.get("JobRunQueuingEnabled"))
        return ActionResult({"JobName": name})

    def start_job_run(self) -> ActionResult:
        given = {field: self.parameters.get(key) for key, field in RUN_FIELDS.items()}
        run_id = self.glue_backend.start_job_run(
            self.parameters["JobName"], self.parameters.get("Arguments"), **given
        )
        return ActionResult({"JobRunId": run_id})

    # Bookmarks are made by GlueContext alone, which does not run here: no job has one.

    def get_job_bookmark(self) -> ActionResult:
        raise self._no_bookmark()

    def reset_job_bookmark(self) -> ActionResult:
        raise self._no_bookmark()

    def _no_bookmark(self) -> EntityNotFoundException:
        name = self.parameters["JobName"]
        self.glue_backend.get_job(name)
        return EntityNotFoundException(f"Continuation for job {name} not found")

    def get_job_runs(self) -> ActionResult:
        """List runs, the latest first."""
        runs = list(reversed(self.glue_backend.get_job(self._get_param("JobName")).job_runs))
        start = int(self._get_param("NextToken") or 0)
        size = self._get_int_param("MaxResults") or 200
        page = [run.as_dict() for run in runs[start : start + size]]
        token = str(start + size) if start + size < len(runs) else None
        return ActionResult({"JobRuns": page, "NextToken": token})

    def batch_stop_job_run(self) -> ActionResult:
        name = self.parameters["JobName"]
        stopped, errors = [], []
        for run_id in self.parameters["JobRunIds"]:
            run = self.glue_backend.find_run(name, run_id)
            where = {"JobName": name, "JobRunId": run_id}
            if run is None:
                errors.append(_error(where, "EntityNotFoundException", f"Job run {run_id} not found."))
            elif not stop_run(run):
                message = f"Job run {run_id} is in state {run.state} and cannot be stopped."
                errors.append(_error(where, "InvalidInputException", message))
            else:
                stopped.append(where)
        return ActionResult({"SuccessfulSubmissions": stopped, "Errors": errors})

    def get_crawler_metrics(self) -> ActionResult:
        crawlers = {crawler.name: crawler for crawler in self.glue_backend.get_crawlers()}
        named = self.parameters.get("CrawlerNameList") or sorted(crawlers)
        metrics = [crawlers[name].metrics() for name in named if name in crawlers]
        return ActionResult({"CrawlerMetricsList": metrics})

    # Trino's connectors ask for statistics and functions; there are none.

    def get_column_statistics_for_table(self) -> ActionResult:
        return ActionResult({"ColumnStatisticsList": [], "Errors": []})

    def get_column_statistics_for_partition(self) -> ActionResult:
        return ActionResult({"ColumnStatisticsList": [], "Errors": []})

    def update_column_statistics_for_table(self) -> ActionResult:
        return ActionResult({"Errors": []})

    def update_column_statistics_for_partition(self) -> ActionResult:
        return ActionResult({"Errors": []})

    def delete_column_statistics_for_table(self) -> ActionResult:
        return EmptyResult()

    def delete_column_statistics_for_partition(self) -> ActionResult:
        return EmptyResult()

    def get_user_defined_functions(self) -> ActionResult:
        return ActionResult({"UserDefinedFunctions": []})


def _error(where: dict[str, str], code: str, message: str) -> dict[str, Any]:
    return {**where, "ErrorDetail": {"ErrorCode": code, "ErrorMessage": message}}
