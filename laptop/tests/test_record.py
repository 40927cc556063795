"""What is known of a stack between commands."""

import os
import subprocess
import sys

import psutil

from laptop.layout import Layout
from laptop.record import FILE, Part, Record, forget, load


def this_process(name: str = "aws", **changed: float) -> Part:
    facts = {"pid": os.getpid(), "created": psutil.Process().create_time()} | changed
    return Part(name=name, **facts)


def test_a_record_is_read_as_it_was_written(layout: Layout) -> None:
    record = Record(layout=layout)
    record.remember(this_process())
    assert load(layout.state_dir) == record


def test_nothing_was_started(layout: Layout) -> None:
    assert load(layout.state_dir) is None


def test_a_record_that_cannot_be_read_is_none(layout: Layout) -> None:
    layout.state_dir.mkdir()
    (layout.state_dir / FILE).write_text('{"layout": {')
    assert load(layout.state_dir) is None


def test_a_forgotten_stack_leaves_no_record_and_may_be_forgotten_again(layout: Layout) -> None:
    Record(layout=layout).save()
    forget(layout.state_dir)
    forget(layout.state_dir)
    assert load(layout.state_dir) is None


def test_a_part_that_is_started_again_takes_the_place_of_the_old_one(layout: Layout) -> None:
    record = Record(layout=layout)
    record.remember(this_process("aws", pid=999_999))
    record.remember(this_process("airflow-scheduler"))
    record.remember(this_process("aws"))
    assert [(part.name, part.pid) for part in record.parts] == [
        ("airflow-scheduler", os.getpid()),
        ("aws", os.getpid()),
    ]


def test_a_running_part_is_found_by_name(layout: Layout) -> None:
    record = Record(layout=layout, parts=[this_process("aws")])
    found = record.part("aws")
    assert found is not None
    assert found.process() == psutil.Process()
    assert record.part("trino") is None


def test_a_number_that_belongs_to_another_process_now_is_no_part(layout: Layout) -> None:
    stale = this_process(created=psutil.Process().create_time() - 3600)
    assert stale.process() is None
    assert Record(layout=layout, parts=[stale]).part("aws") is None


def test_a_process_that_ended_is_no_part() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    part = Part(name="aws", pid=ended.pid, created=psutil.Process(ended.pid).create_time())
    # Not waited for, it stays a zombie with the same number and time of start.
    psutil.wait_procs([], timeout=0)
    while psutil.Process(ended.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert part.process() is None
    ended.wait()
    assert part.process() is None
