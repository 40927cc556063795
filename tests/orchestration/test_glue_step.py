"""One step as one Glue run: started, waited for, taken over, stopped."""

import asyncio
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
)

from orchestration import glue_step
from orchestration.configuration import configuration
from orchestration.failure import StepFailedError
from orchestration.glue_step import GlueStepOperator
from orchestration.glue_trigger import GlueRunTrigger
from orchestration.plan import Plan
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import RUN_ID, TaskInstance, a_context

COMMON = {
    "--domain": "ecommerce",
    "--run-id": "run-1",
    "--buckets": '{"*": "lake"}',
    "--environment": "dev",
    "--log-level": "INFO",
}
OWN = {"--layer": "silver", "--tables": "orders"}


class Step(GlueStepOperator):
    """The smallest step."""

    own: dict[str, str] | None = OWN

    def arguments(self, plan: Plan, context: Context) -> dict[str, str] | None:
        return self.own

    def result(self, plan: Plan) -> str:
        return f"result of {plan.run_id}"

    def nothing_to_run(self) -> str:
        return "nothing"


def a_step(sync_seconds: float = 60, **settings: Any) -> Step:
    changed = {"glue_sync_seconds": sync_seconds, "glue_waiter_delay": 0.01, "glue_verbose": False}
    return Step(
        task_id="a_task",
        step="publish",
        layer="silver",
        settings=replace(configuration(), **(changed | settings)),
        aws_conn_id=None,
        region_name="us-east-1",
        retries=2,
    )


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glue_step, "_SYNC_POLL_SECONDS", 0.01)
    monkeypatch.setattr(glue_step, "_STOP_POLL_SECONDS", 0.01)


def context_of(try_number: int = 1, max_tries: int = 2) -> tuple[Context, TaskInstance]:
    context = a_context()
    ti: Any = context["ti"]
    ti.try_number, ti.max_tries = try_number, max_tries
    return context, ti


def test_a_step_runs_its_job_with_its_arguments_and_returns_its_result(glue: GlueService) -> None:
    context, ti = context_of()
    assert a_step().execute(context) == "result of run-1"
    assert [(run.job, run.arguments) for run in glue.runs] == [("lakehouse-publish", COMMON | OWN)]
    assert ti.xcom_pull("a_task", "glue_job_run_id") == "jr_0"


def test_nothing_to_run_starts_nothing(glue: GlueService) -> None:
    step = a_step()
    step.own = None
    assert step.execute(context_of()[0]) == "nothing"
    assert glue.calls == []


def test_a_missing_job_is_not_tried_again(glue: GlueService) -> None:
    glue.jobs.clear()
    with pytest.raises(AirflowFailException, match=r"no Glue job lakehouse-publish.*lakehouse deploy"):
        a_step().execute(context_of()[0])
    assert glue.runs == []


@pytest.mark.parametrize("state", ["FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"])
def test_a_run_that_does_not_succeed_fails_the_task(glue: GlueService, state: str) -> None:
    glue.states, glue.error = ["RUNNING", state], "ValueError: 17 is not a date"
    with pytest.raises(StepFailedError) as caught:
        a_step().execute(context_of()[0])
    assert not isinstance(caught.value, AirflowFailException), "a retry may help"
    assert "jr_0" in str(caught.value)
    assert f"ended {state}: ValueError: 17 is not a date" in str(caught.value)
    assert "/aws-glue/jobs/error, stream jr_0" in str(caught.value)
    # The message of the run may quote data; the notification must not.
    assert caught.value.summary == f"Glue run jr_0 ended {state}"


def test_the_log_of_the_run_appears_once_in_the_log_of_the_task(
    glue: GlueService, capfd: pytest.CaptureFixture[str]
) -> None:
    glue.states = ["RUNNING"] * 3 + ["SUCCEEDED"]
    glue.logs["/aws-glue/jobs/output", "jr_0"] = ["one line", "another line"]
    a_step(glue_verbose=True).execute(context_of()[0])
    assert capfd.readouterr().out.count("one line\nanother line") == 1


class TestDeferral:
    def test_after_its_time_on_the_worker_a_step_defers_and_ends_in_another_process(
        self, glue: GlueService
    ) -> None:
        glue.states = ["STARTING", "RUNNING", "SUCCEEDED"]
        context, _ = context_of()
        with pytest.raises(TaskDeferred) as deferred:
            a_step(sync_seconds=0).execute(context)
        assert deferred.value.method_name == "execute_complete"
        assert isinstance(deferred.value.trigger, GlueRunTrigger)
        path, fields = deferred.value.trigger.serialize()
        assert path == "orchestration.glue_trigger.GlueRunTrigger"
        assert (fields["job_name"], fields["run_id"]) == ("lakehouse-publish", "jr_0")

        event = asyncio.run(first_event(GlueRunTrigger(**fields)))
        assert a_step().resume_execution("execute_complete", {"event": event}, context) == "result of run-1"
        assert glue.stopped() == []
        assert glue.calls.count("StartJobRun") == 1

    def test_a_run_that_failed_while_deferred_fails_the_task(self, glue: GlueService) -> None:
        glue.add_run("jr_9", "lakehouse-publish", {}, "FAILED").error = "boom"
        event = {"status": "success", "run_id": "jr_9"}
        with pytest.raises(StepFailedError, match="boom"):
            a_step().resume_execution("execute_complete", {"event": event}, context_of()[0])

    def test_a_run_that_outlives_its_polls_is_stopped(self, glue: GlueService) -> None:
        glue.add_run("jr_9", "lakehouse-publish", {}, "RUNNING")
        event = {"status": "timeout", "run_id": "jr_9"}
        with pytest.raises(AirflowException, match=r"stopped: still RUNNING.*task_timeout_minutes"):
            a_step().resume_execution("execute_complete", {"event": event}, context_of()[0])
        assert glue.stopped() == ["jr_9"]

    @pytest.mark.parametrize(
        ("error", "raised"),
        [("Trigger timeout", TaskDeferralTimeout), ("Trigger failure", TaskDeferralError)],
    )
    def test_a_trigger_that_died_stops_the_run(
        self, glue: GlueService, error: str, raised: type[Exception]
    ) -> None:
        glue.add_run("jr_9", "lakehouse-publish", {}, "RUNNING")
        context, ti = context_of()
        ti.xcom_push("glue_job_run_id", "jr_9")
        with pytest.raises(raised):
            a_step().resume_execution("__fail__", {"error": error}, context)
        assert glue.stopped() == ["jr_9"]


async def first_event(trigger: GlueRunTrigger) -> dict[str, Any]:
    async for event in trigger.run():
        payload: dict[str, Any] = event.payload
        return payload
    raise AssertionError("the trigger ended without an event")


class TestAnotherAttempt:
    @pytest.fixture
    def left(self, glue: GlueService) -> GlueService:
        """A lost attempt's run, an earlier one that is over, and that of another DAG run."""
        mine = COMMON | OWN
        glue.add_run("jr_over", "lakehouse-publish", mine, "FAILED")
        glue.add_run("jr_lost", "lakehouse-publish", mine, "RUNNING", "RUNNING", "SUCCEEDED")
        glue.add_run("jr_other_layer", "lakehouse-publish", mine | {"--layer": "gold"}, "RUNNING")
        glue.add_run("jr_other_run", "lakehouse-publish", mine | {"--run-id": RUN_ID}, "RUNNING")
        return glue

    def test_a_retry_takes_over_the_run_that_was_left(self, left: GlueService) -> None:
        context, ti = context_of(try_number=2, max_tries=2)
        assert a_step().execute(context) == "result of run-1"
        assert "StartJobRun" not in left.calls
        assert left.stopped() == []
        assert ti.xcom_pull("a_task", "glue_job_run_id") == "jr_lost"

    def test_a_cleared_task_stops_what_was_left_and_starts_afresh(self, left: GlueService) -> None:
        # Airflow raises max_tries by the retries when a task is cleared: 3 tries are gone, 2 retries remain.
        context, ti = context_of(try_number=4, max_tries=5)
        assert a_step().execute(context) == "result of run-1"
        assert left.stopped() == ["jr_lost"]
        assert left.calls.index("BatchStopJobRun") < left.calls.index("StartJobRun")
        assert ti.xcom_pull("a_task", "glue_job_run_id") == "jr_4"

    def test_a_retry_does_not_take_over_a_run_that_is_being_stopped(self, glue: GlueService) -> None:
        glue.add_run("jr_lost", "lakehouse-publish", COMMON | OWN, "STOPPING", "STOPPING", "STOPPED")
        context, _ = context_of(try_number=2)
        assert a_step().execute(context) == "result of run-1"
        assert glue.calls.count("StartJobRun") == 1

    def test_a_run_that_does_not_stop_fails_the_attempt(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(glue_step, "_STOP_WAIT_SECONDS", 0.05)
        monkeypatch.setattr(glue, "BatchStopJobRun", lambda _body: (200, {"SuccessfulSubmissions": []}))
        glue.add_run("jr_lost", "lakehouse-publish", COMMON | OWN, "RUNNING")
        context, _ = context_of(try_number=4, max_tries=5)
        with pytest.raises(AirflowException, match="jr_lost did not stop"):
            a_step().execute(context)
        assert "StartJobRun" not in glue.calls, "two runs of one step would write at once"

    def test_the_first_attempt_looks_for_nothing(self, left: GlueService) -> None:
        a_step().execute(context_of(try_number=1)[0])
        assert "GetJobRuns" not in left.calls
        assert left.calls.count("StartJobRun") == 1


class TestKill:
    def test_a_killed_task_stops_its_run(self, glue: GlueService) -> None:
        glue.states = ["RUNNING"]
        step, (context, _) = a_step(), context_of()
        ended: list[BaseException] = []

        def execute() -> None:
            try:
                step.execute(context)
            except StepFailedError as error:
                ended.append(error)

        worker = threading.Thread(target=execute)
        worker.start()
        deadline = time.monotonic() + 20
        while "GetJobRun" not in glue.calls and time.monotonic() < deadline:
            time.sleep(0.01)
        step.on_kill()
        worker.join(timeout=20)
        assert glue.stopped() == ["jr_0"]
        assert "ended STOPPED" in str(ended[0])

    def test_killed_before_it_started_anything_it_stops_nothing(self, glue: GlueService) -> None:
        a_step().on_kill()
        assert glue.calls == []
