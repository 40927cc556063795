"""The triggerer's side of a Glue run: waiting, and stopping it when its task was taken away."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from botocore.exceptions import ClientError

from orchestration.glue_trigger import GlueRunTrigger
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import RUN_ID

JOB = "lakehouse-publish"


def a_trigger(attempts: int = 1000, **fields: Any) -> GlueRunTrigger:
    trigger = GlueRunTrigger(
        job_name=JOB,
        run_id="jr_1",
        verbose=fields.pop("verbose", False),
        aws_conn_id=None,
        region_name="us-east-1",
        waiter_delay=0.01,
        waiter_max_attempts=attempts,
        **fields,
    )
    trigger.task_instance = SimpleNamespace(
        dag_id="ecommerce", task_id="publish", run_id=RUN_ID, map_index=-1
    )
    return trigger


def fired(trigger: GlueRunTrigger) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(run())


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"])
def test_it_fires_once_when_the_run_is_over_however_it_ended(glue: GlueService, state: str) -> None:
    glue.add_run("jr_1", JOB, {}, "STARTING", "RUNNING", "RUNNING", state)
    assert fired(a_trigger()) == [{"status": "success", "run_id": "jr_1"}]
    assert glue.calls.count("GetJobRun") == 4


@pytest.mark.parametrize("state", ["STARTING", "RUNNING", "WAITING", "STOPPING"])
def test_it_gives_up_after_its_attempts(glue: GlueService, state: str) -> None:
    glue.add_run("jr_1", JOB, {}, state)
    assert fired(a_trigger(attempts=3)) == [{"status": "timeout", "run_id": "jr_1"}]
    assert glue.calls == ["GetJobRun"] * 3


def test_a_run_that_is_gone_is_over(glue: GlueService) -> None:
    assert fired(a_trigger()) == [{"status": "success", "run_id": "jr_1"}]


def test_a_call_that_fails_for_a_moment_is_repeated(
    glue: GlueService, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.add_run("jr_1", JOB, {}, "SUCCEEDED")
    answer, refusals = glue.GetJobRun, [(400, {"__type": "InvalidInputException", "Message": "busy"})] * 2

    def sometimes(body: dict[str, Any]) -> tuple[int, Any]:
        return refusals.pop() if refusals else answer(body)

    monkeypatch.setattr(glue, "GetJobRun", sometimes)
    assert fired(a_trigger()) == [{"status": "success", "run_id": "jr_1"}]
    assert refusals == []


def test_it_goes_on_reading_the_log_where_the_worker_stopped(
    glue: GlueService, capfd: pytest.CaptureFixture[str]
) -> None:
    glue.add_run("jr_1", JOB, {}, "RUNNING", "RUNNING", "SUCCEEDED")
    glue.logs["/aws-glue/jobs/error", "jr_1"] = ["the worker has shown this", "new here"]
    trigger = a_trigger(verbose=True, log_tokens={"/aws-glue/jobs/error": "1"})
    fired(trigger)
    log = capfd.readouterr().out
    assert log.count("new here") == 1
    assert "the worker has shown this" not in log
    assert trigger.serialize()[1]["log_tokens"] == {"/aws-glue/jobs/error": "2"}


@pytest.mark.parametrize(
    ("refusal", "warnings"), [("ResourceNotFoundException", 0), ("InvalidParameterException", 1)]
)
def test_a_log_that_is_not_there_yet_is_no_problem_and_any_other_refusal_is_told(
    glue: GlueService,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    refusal: str,
    warnings: int,
) -> None:
    glue.add_run("jr_1", JOB, {}, "SUCCEEDED")
    monkeypatch.setattr(glue, "GetLogEvents", lambda _body: (400, {"__type": refusal, "message": "no"}))
    assert fired(a_trigger(verbose=True)) == [{"status": "success", "run_id": "jr_1"}]
    # Once for each of the two streams.
    assert capfd.readouterr().out.count("Cannot read the log of Glue run jr_1") == 2 * warnings


def test_another_triggerer_can_take_it_over() -> None:
    trigger = a_trigger(attempts=7, verbose=True, log_tokens={"g": "3"})
    path, fields = trigger.serialize()
    assert path == "orchestration.glue_trigger.GlueRunTrigger"
    assert GlueRunTrigger(**fields).serialize() == (path, fields)
    assert fields["waiter_max_attempts"] == 7
    assert fields["region_name"] == "us-east-1"


class TestCancelled:
    """The triggerer cancels a trigger, and repeats it every second until the trigger has ended."""

    def cancel(
        self, glue: GlueService, times: int = 1, raised: type[BaseException] = asyncio.CancelledError
    ) -> None:
        glue.add_run("jr_1", JOB, {}, "RUNNING")

        async def run_and_cancel() -> None:
            trigger = a_trigger()
            running = asyncio.ensure_future(anext(aiter(trigger.run())))
            while "GetJobRun" not in glue.calls:
                await asyncio.sleep(0.01)
            for _ in range(times):
                running.cancel()
                await asyncio.sleep(0.02)
            with pytest.raises(raised):
                await running

        asyncio.run(run_and_cancel())

    def task_is(self, monkeypatch: pytest.MonkeyPatch, states: dict[str, Any], seconds: float = 0) -> None:
        def get_task_states(**asked: Any) -> dict[str, Any]:
            assert asked == {
                "dag_id": "ecommerce",
                "task_ids": ["publish"],
                "run_ids": [RUN_ID],
                "map_index": -1,
            }
            time.sleep(seconds)
            return states

        monkeypatch.setattr(RuntimeTaskInstance, "get_task_states", staticmethod(get_task_states))

    @pytest.mark.parametrize("state", ["failed", "success", "skipped", "scheduled", "removed", None])
    def test_a_task_that_was_taken_away_stops_its_run(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch, state: str | None
    ) -> None:
        self.task_is(monkeypatch, {RUN_ID: {"publish": state}})
        self.cancel(glue)
        assert glue.stopped() == ["jr_1"]

    def test_a_dag_run_that_was_deleted_stops_its_run(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.task_is(monkeypatch, {})
        self.cancel(glue)
        assert glue.stopped() == ["jr_1"]

    def test_a_triggerer_that_restarts_leaves_the_run_going(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.task_is(monkeypatch, {RUN_ID: {"publish": "deferred"}})
        self.cancel(glue)
        assert glue.stopped() == []

    def test_a_state_that_cannot_be_told_leaves_the_run_going(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_answer(**_asked: Any) -> dict[str, Any]:
            raise ConnectionError

        monkeypatch.setattr(RuntimeTaskInstance, "get_task_states", staticmethod(no_answer))
        self.cancel(glue)
        assert glue.stopped() == []

    def test_being_cancelled_again_meanwhile_does_not_keep_the_run_going(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.task_is(monkeypatch, {RUN_ID: {"publish": "failed"}}, seconds=0.1)
        self.cancel(glue, times=4)
        assert glue.stopped() == ["jr_1"]

    def test_a_run_that_cannot_be_stopped_is_an_error_that_the_triggerer_logs(
        self, glue: GlueService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.task_is(monkeypatch, {RUN_ID: {"publish": "failed"}})
        refusal = (400, {"__type": "InvalidInputException", "Message": "no"})
        monkeypatch.setattr(glue, "BatchStopJobRun", lambda _body: refusal)
        self.cancel(glue, raised=ClientError)
