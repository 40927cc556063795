"""Waits for a Glue run in the triggerer, and stops it when its task is taken away."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from airflow.providers.amazon.aws.hooks.logs import AwsLogsHook
from airflow.providers.amazon.aws.triggers.glue import GlueJobCompleteTrigger
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import TriggerEvent
from airflow.utils.state import TaskInstanceState
from asgiref.sync import sync_to_async

from orchestration.glue_run import AWS_ERRORS, LIVE, LogCursor, is_missing


class GlueRunTrigger(GlueJobCompleteTrigger):
    """Fires when the run is over, whatever its state: the task reads the state itself.

    The provider's trigger leaves the Glue run going when the deferred task is cleared, marked or timed out. A
    trigger is cancelled in these cases, but also when the triggerer restarts or hands over; then the task is
    still DEFERRED.
    """

    def __init__(self, *, log_tokens: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.log_cursor = LogCursor(log_tokens)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        path, fields = super().serialize()
        return path, {**fields, "log_tokens": self.log_cursor.tokens}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            over = await self._wait()
        except asyncio.CancelledError:
            await _to_the_end(self._stop_if_taken_away())
            raise
        status = "success" if over else "timeout"
        yield TriggerEvent({"status": status, "run_id": self.run_id})  # type: ignore[no-untyped-call]

    async def _wait(self) -> bool:
        """Poll until the run is over (True) or the attempts are used up (False)."""
        logs_hook = AwsLogsHook(aws_conn_id=self.aws_conn_id, region_name=self.region_name)
        async with await _connect(self.hook()) as glue, await _connect(logs_hook) as logs:
            for _ in range(self.attempts):
                try:
                    run = (await glue.get_job_run(JobName=self.job_name, RunId=self.run_id))["JobRun"]
                except AWS_ERRORS as error:
                    if is_missing(error):
                        return True
                    self.log.warning("Cannot ask for the state of Glue run %s: %s", self.run_id, error)
                else:
                    await self._forward_log(logs, run)
                    if run["JobRunState"] not in LIVE:
                        return True
                await asyncio.sleep(self.waiter_delay)
        return False

    async def _forward_log(self, logs: Any, run: dict[str, Any]) -> None:
        for request in self.log_cursor.requests(run) if self.verbose else ():
            try:
                response = await logs.get_log_events(**request)
            except AWS_ERRORS as error:
                if not is_missing(error):
                    self.log.warning("Cannot read the log of Glue run %s: %s", self.run_id, error)
                continue
            if lines := self.log_cursor.advance(request, response):
                self.log.info("%s\n%s", request["logGroupName"], lines)

    async def _stop_if_taken_away(self) -> None:
        if await self._was_taken_away():
            await self._stop()

    async def _was_taken_away(self) -> bool:
        ti = self.task_instance
        if ti is None:
            return False
        try:
            states = await sync_to_async(RuntimeTaskInstance.get_task_states)(
                dag_id=ti.dag_id, task_ids=[ti.task_id], run_ids=[ti.run_id], map_index=ti.map_index
            )
        except Exception:
            self.log.exception("Cannot tell why Glue run %s is no longer waited for: it goes on", self.run_id)
            return False
        state = states.get(ti.run_id, {}).get(ti.task_id)
        return bool(state != TaskInstanceState.DEFERRED)

    async def _stop(self) -> None:
        self.log.info("The task is no longer deferred: stopping Glue run %s", self.run_id)
        async with await _connect(self.hook()) as glue:
            response = await glue.batch_stop_job_run(JobName=self.job_name, JobRunIds=[self.run_id])
        for error in response.get("Errors", ()):
            self.log.error("Glue run %s was not stopped: %s", self.run_id, error.get("ErrorDetail"))


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work in spite of cancellation, which the triggerer repeats every second until a trigger ends."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    if not task.cancelled():
        task.result()


async def _connect(hook: Any) -> Any:
    return await hook.get_async_conn()
