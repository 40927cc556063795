"""One step of the engine as one Glue run: start it or take it over, wait, stop it when the task is killed."""

import time
from abc import abstractmethod
from typing import Any, NoReturn

from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    TaskDeferralError,
    TaskDeferralTimeout,
)

from lakehouse.settings import Settings
from orchestration.configuration import Configuration
from orchestration.documents import current_plan
from orchestration.failure import StepFailedError
from orchestration.glue_run import AWS_ERRORS, LIVE, LogCursor, is_missing, live_runs, outcome
from orchestration.glue_trigger import GlueRunTrigger
from orchestration.plan import Plan

_SYNC_POLL_SECONDS = 0.5
_STOP_POLL_SECONDS = 1
_STOP_WAIT_SECONDS = 120


class GlueStepOperator(GlueJobOperator):
    """Runs the Glue job of a step; subclasses say with which arguments and what it returns.

    Polls on the worker for `glue_sync_seconds`, then defers. A retry takes over the Glue run that a lost
    attempt left; the first attempt after a clear stops it and starts afresh.
    """

    overwrite_rtif_after_execution = True  # shows the arguments under "Rendered Templates"

    def __init__(
        self, *, step: str, layer: str, settings: Configuration, domain: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(
            job_name=Settings().job_name(step, domain),
            # The base class starts the run; waiting is done here.
            deferrable=False,
            wait_for_completion=False,
            verbose=settings.glue_verbose,
            stop_job_run_on_kill=True,
            waiter_delay=settings.glue_waiter_delay,  # type: ignore[arg-type]
            waiter_max_attempts=settings.glue_waiter_max_attempts,
            **kwargs,
        )
        self.layer = layer
        self.sync_seconds = settings.glue_sync_seconds
        self._log_cursor = LogCursor()

    @abstractmethod
    def arguments(self, plan: Plan, context: Context) -> dict[str, str] | None:
        """The step's own arguments, or None when there is nothing to run."""

    def result(self, plan: Plan) -> Any:  # noqa: ARG002 - for subclasses
        """What the task returns when the run has succeeded, or when there was nothing to run."""
        return None

    def plan(self, context: Context) -> Plan:
        """The plan by which the step works: that of the run, unless a subclass knows another."""
        return current_plan(context)

    def execute(self, context: Context) -> Any:
        plan = self.plan(context)
        own = self.arguments(plan, context)
        if own is None:
            return self.nothing_to_run()
        self.script_args = {**_common_arguments(plan), **own}
        self._require_job()
        self._job_run_id = self._taken_over(context)
        super().execute(context)
        return self._wait(context)

    def nothing_to_run(self) -> Any:
        """What the task returns when `arguments` says that there is nothing to run."""
        return None

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        self._job_run_id = (event or {})["run_id"]
        return self._conclude(context)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except (TaskDeferralError, TaskDeferralTimeout):
            self._job_run_id = context["ti"].xcom_pull(task_ids=self.task_id, key="glue_job_run_id")
            self.on_kill()
            raise

    def on_kill(self) -> None:
        if self._job_run_id:
            super().on_kill()  # type: ignore[no-untyped-call]

    def _require_job(self) -> None:
        if not self.hook.has_job(self.job_name):
            raise AirflowFailException(
                f"there is no Glue job {self.job_name}: create it with `lakehouse deploy`"
            )

    def _taken_over(self, context: Context) -> str | None:
        """The id of a live run that an earlier attempt left, if this attempt is a retry of it."""
        ti = context["ti"]
        if ti.try_number == 1:
            return None
        left = live_runs(self._client, self.job_name, self.script_args)
        is_retry = ti.try_number > ti.max_tries - (self.retries or 0) + 1
        if is_retry and left and left[0]["JobRunState"] != "STOPPING":
            self.log.info("Taking over Glue run %s, which an earlier attempt left", left[0]["Id"])
            ti.xcom_push(key="glue_job_run_id", value=left[0]["Id"])
            return str(left[0]["Id"])
        for run in left:
            self._stop_and_wait(run["Id"])
        return None

    def _stop_and_wait(self, run_id: str) -> None:
        self.log.info("Stopping Glue run %s, which an earlier attempt left", run_id)
        self._client.batch_stop_job_run(JobName=self.job_name, JobRunIds=[run_id])
        deadline = time.monotonic() + _STOP_WAIT_SECONDS
        while self._run(run_id)["JobRunState"] in LIVE:
            if time.monotonic() > deadline:
                raise AirflowException(f"Glue run {run_id} did not stop within {_STOP_WAIT_SECONDS} s")
            time.sleep(_STOP_POLL_SECONDS)

    def _wait(self, context: Context) -> Any:
        run_id = str(self._job_run_id)
        if not self._is_over_soon(run_id):
            self._defer(run_id)
        return self._conclude(context)

    def _is_over_soon(self, run_id: str) -> bool:
        deadline = time.monotonic() + self.sync_seconds
        while time.monotonic() < deadline:
            run = self._run(run_id)
            self._forward_log(run)
            if run["JobRunState"] not in LIVE:
                return True
            time.sleep(_SYNC_POLL_SECONDS)
        return False

    def _defer(self, run_id: str) -> NoReturn:
        trigger = GlueRunTrigger(
            job_name=self.job_name,
            run_id=run_id,
            verbose=self.verbose,
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
            waiter_delay=self.waiter_delay,
            waiter_max_attempts=self.waiter_max_attempts,
            log_tokens=self._log_cursor.tokens,
        )
        self.defer(trigger=trigger, method_name="execute_complete")

    def _conclude(self, context: Context) -> Any:
        run = self._run(str(self._job_run_id))
        if run["JobRunState"] in LIVE:
            self.on_kill()
            raise AirflowException(
                f"Glue run {run['Id']} of job {self.job_name} was stopped: still {run['JobRunState']} after "
                f"{self.waiter_max_attempts} polls. Raise [lakehouse] task_timeout_minutes if it needs more"
            )
        if run["JobRunState"] != "SUCCEEDED":
            raise StepFailedError(outcome(run), summary=f"Glue run {run['Id']} ended {run['JobRunState']}")
        self.log.info("Glue run %s succeeded in %s s", run["Id"], run.get("ExecutionTime"))
        return self.result(self.plan(context))

    @property
    def _client(self) -> Any:
        return self.hook.conn

    def _run(self, run_id: str) -> dict[str, Any]:
        response = self._client.get_job_run(JobName=self.job_name, RunId=run_id)
        return dict(response["JobRun"])

    def _forward_log(self, run: dict[str, Any]) -> None:
        client: Any = self.hook.logs_hook.get_conn()
        for request in self._log_cursor.requests(run) if self.verbose else ():
            try:
                response = client.get_log_events(**request)
            except AWS_ERRORS as error:
                if not is_missing(error):
                    self.log.warning("Cannot read the log of Glue run %s: %s", run["Id"], error)
                continue
            if lines := self._log_cursor.advance(request, response):
                self.log.info("%s\n%s", request["logGroupName"], lines)


def _common_arguments(plan: Plan) -> dict[str, str]:
    return {
        "--domain": plan.domain,
        "--run-id": plan.run_id,
        "--buckets": plan.buckets_json,
        "--environment": plan.environment,
        "--log-level": Settings().job_log_level,
    }
