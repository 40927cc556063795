"""Bringing the stack up and down, with programs of the tests in the place of its parts."""

import io
import os
import re
import sys
import time
from typing import Any

import psutil
import pytest
from rich.console import Console

from laptop import airflow, aws, processes, provision, stack
from laptop.failure import StackError
from laptop.layout import Layout
from laptop.record import Part, Record, load

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARTS = ["aws", *(f"airflow-{part}" for part in airflow.PARTS)]


class Stubs:
    """What the parts say of themselves, and what was asked of them."""

    def __init__(self) -> None:
        self.aws: list[dict[str, str]] = [{"s3": "ready", "athena": "ready"}]
        self.airflow: list[dict[str, str]] = [dict.fromkeys(airflow.PARTS, "ready")]
        self.commands: dict[str, list[str]] = {}
        self.events: list[str] = []

    def health(self, answers: list[dict[str, str]]) -> dict[str, str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def command(self, part: str) -> list[str]:
        self.events.append(f"start {part}")
        return self.commands.get(part, SLEEP)


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Stubs:
    stubs = Stubs()
    monkeypatch.setattr(stack, "_POLL_SECONDS", 0.02)
    monkeypatch.setattr(stack, "_CHILDREN", {})
    monkeypatch.setattr(aws, "command", lambda _layout: stubs.command("aws"))
    monkeypatch.setattr(airflow, "command", stubs.command)
    monkeypatch.setattr(aws, "health", lambda _layout: stubs.health(stubs.aws))
    monkeypatch.setattr(airflow, "health", lambda _layout: stubs.health(stubs.airflow))
    monkeypatch.setattr(airflow, "migrate", lambda _layout: stubs.events.append("migrate"))
    monkeypatch.setattr(provision, "provision", lambda _layout, _say: stubs.events.append("provision"))

    def ensure_pools(_layout: Layout, pools: dict[str, int]) -> None:
        stubs.events.append(f"pools {sorted(pools.items())}")

    monkeypatch.setattr(airflow, "ensure_pools", ensure_pools)
    return stubs


def up(layout: Layout) -> tuple[Record, str]:
    output = io.StringIO()
    record = stack.up(layout, Console(file=output, width=200))
    return record, output.getvalue()


def pids(layout: Layout) -> dict[str, int]:
    record = load(layout.state_dir)
    return {part.name: part.pid for part in record.parts if part.process()} if record else {}


def test_every_part_runs_and_is_recorded(layout: Layout, stubs: Stubs) -> None:
    record, shown = up(layout)
    assert [part.name for part in record.parts] == PARTS
    assert list(pids(layout)) == PARTS
    assert load(layout.state_dir) == record
    for title in ("Embedded AWS", "Bucket, role, queue, Glue jobs", "Airflow", "Athena (Trino)"):
        assert f"✓ {title}" in shown


def test_each_step_has_what_it_needs(layout: Layout, stubs: Stubs) -> None:
    up(layout)
    # The database is migrated alongside AWS, but before Airflow; pools need Airflow's API.
    order = [event for event in stubs.events if event != "migrate"]
    assert order[:2] == ["start aws", "provision"]
    assert order[2:6] == [f"start {part}" for part in airflow.PARTS]
    layers = ("bronze", "gold", "silver")
    domains = ("clinical", "ecommerce", "market_data", "operations")
    pools = [(f"{domain}_{layer}", 1) for domain in domains for layer in layers]
    assert order[6:] == [f"pools {pools}"]
    assert stubs.events.index("migrate") < stubs.events.index("start api-server")


def test_without_airflow_there_is_only_aws(layout: Layout, stubs: Stubs) -> None:
    up(layout.model_copy(update={"with_airflow": False}))
    assert stubs.events == ["start aws", "provision"]


def test_what_something_else_provisions_is_left_to_it(layout: Layout, stubs: Stubs) -> None:
    _, shown = up(layout.model_copy(update={"with_provision": False}))
    assert "provision" not in stubs.events
    assert "Bucket" not in shown
    assert list(pids(layout)) == PARTS


def test_provisioning_waits_for_s3_and_glue_but_not_for_trino(layout: Layout, stubs: Stubs) -> None:
    starting = {"s3": "ready", "athena": "starting"}
    stubs.aws = [
        {},
        {"s3": "starting", "athena": "starting"},
        starting,
        starting,
        {"s3": "ready", "athena": "ready"},
    ]
    provisioned_with: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provision, "provision", lambda _l, _say: provisioned_with.append(len(stubs.aws)))
        up(layout)
    # Three answers were taken before (none, starting, ready but for Athena); the rest after.
    assert provisioned_with == [2]
    assert len(stubs.aws) == 1, "in the end Athena was waited for"


def test_a_service_that_is_switched_off_is_not_waited_for(layout: Layout, stubs: Stubs) -> None:
    stubs.aws = [{"s3": "ready", "athena": "disabled"}]
    up(layout)


def test_up_again_changes_no_process(layout: Layout, stubs: Stubs) -> None:
    up(layout)
    before = pids(layout)
    up(layout)
    assert pids(layout) == before


def test_up_again_starts_only_what_has_ended(layout: Layout, stubs: Stubs) -> None:
    up(layout)
    before = pids(layout)
    psutil.Process(before["airflow-triggerer"]).kill()
    while "airflow-triggerer" in pids(layout):
        time.sleep(0.02)
    up(layout)
    after = pids(layout)
    assert after.pop("airflow-triggerer") != before.pop("airflow-triggerer")
    assert after == before


def test_other_options_need_a_down_first(layout: Layout, stubs: Stubs) -> None:
    up(layout)
    with pytest.raises(StackError, match=r"other ports or options; run `lakehouse down` first"):
        up(layout.model_copy(update={"aws_port": layout.aws_port + 1}))


def test_airflow_can_join_a_stack_that_is_up_and_not_leave_it(layout: Layout, stubs: Stubs) -> None:
    without = layout.model_copy(update={"with_airflow": False})
    up(without)
    aws = pids(layout)
    up(layout)
    assert pids(layout).items() > aws.items()
    assert list(pids(layout)) == PARTS
    with pytest.raises(StackError, match="other ports or options"):
        up(without)


def test_naming_the_bucket_that_is_the_default_anyway_is_no_other_option(
    layout: Layout, stubs: Stubs
) -> None:
    """`eval "$(lakehouse env)"` names it."""
    up(layout)
    up(layout.model_copy(update={"bucket_name": layout.bucket}))
    with pytest.raises(StackError, match="other ports or options"):
        up(layout.model_copy(update={"bucket_name": "another"}))


def test_a_stale_record_is_no_obstacle(layout: Layout, stubs: Stubs) -> None:
    """After a restart of the machine the numbers belong to others, which are left alone."""
    other = layout.model_copy(update={"aws_port": layout.aws_port + 1})
    Record(layout=other, parts=[Part(name="aws", pid=os.getpid(), created=1.0)]).save()
    up(layout)
    assert list(pids(layout)) == PARTS
    assert pids(layout)["aws"] != os.getpid()


def test_what_an_earlier_stack_left_is_ended_first(layout: Layout, stubs: Stubs) -> None:
    orphan, _ = processes.start("aws", SLEEP, {}, layout)
    up(layout)
    assert orphan.process() is None


def test_a_part_that_ends_while_starting_is_quoted(layout: Layout, stubs: Stubs) -> None:
    stubs.airflow = [{}]
    stubs.commands["scheduler"] = [sys.executable, "-c", "print('first'); raise SystemExit('no database')"]
    with pytest.raises(StackError, match=r"airflow-scheduler ended while starting: no database; see .*\.log"):
        up(layout)


def test_a_part_that_ends_without_a_word(layout: Layout, stubs: Stubs) -> None:
    stubs.aws = [{}]
    stubs.commands["aws"] = [sys.executable, "-c", ""]
    with pytest.raises(StackError, match="aws ended while starting: it said nothing"):
        up(layout)


def test_a_part_that_never_answers_is_given_up(
    layout: Layout, stubs: Stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "START_SECONDS", 0.2)
    stubs.aws = [{"s3": "starting", "athena": "starting"}]
    with pytest.raises(StackError, match=r"aws is not ready after 0\.2 s \(s3 starting\); see .*aws\.log"):
        up(layout)


def test_a_migration_that_fails_stops_the_start(
    layout: Layout, stubs: Stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_layout: Layout) -> None:
        raise StackError("the database is of a newer Airflow")

    monkeypatch.setattr(airflow, "migrate", refuse)
    with pytest.raises(StackError, match="newer Airflow"):
        up(layout)
    assert "start scheduler" not in stubs.events


class TestDown:
    def test_nothing_is_left_and_the_second_time_there_was_nothing(
        self, layout: Layout, stubs: Stubs
    ) -> None:
        up(layout)
        assert stack.down(layout) is True
        assert processes.of_stack(layout) == []
        assert load(layout.state_dir) is None
        assert stack.down(layout) is False

    def test_a_start_that_failed_can_be_taken_down(self, layout: Layout, stubs: Stubs) -> None:
        stubs.airflow = [{}]
        stubs.commands["triggerer"] = [sys.executable, "-c", ""]
        with pytest.raises(StackError):
            up(layout)
        assert stack.down(layout) is True
        assert processes.of_stack(layout) == []

    def test_a_process_that_does_not_end_is_named(
        self, layout: Layout, stubs: Stubs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        up(layout)
        this = psutil.Process()
        monkeypatch.setattr(processes, "stop", lambda _record: [this])
        with pytest.raises(
            StackError, match=rf"do not end: {re.escape(this.name())} \(pid {this.pid}\); .*kill -9"
        ):
            stack.down(layout)
        assert load(layout.state_dir) is not None, "it must be found again"


def test_what_is_still_awaited() -> None:
    awaited: Any = stack._ready_but
    assert awaited({}) == "no answer yet"
    assert awaited({"s3": "ready", "athena": "disabled"}) is None
    assert (
        awaited({"s3": "starting", "glue": "ready", "athena": "starting"}) == "s3 starting, athena starting"
    )
    assert awaited({"s3": "ready", "athena": "starting"}, "athena") is None
