import json

import pytest

from lakehouse.recorder.heartbeat import Heartbeat, heartbeat, time_ns

# `date -u -d '2023-06-23 20:31:26' +%s`
SECOND = 1_687_552_286


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("2023-06-23 20:31:26.122969572 +0000 UTC m=+91717.525857105", 122_969_572),
        ("2023-06-23 20:31:26.1 +0000 UTC", 100_000_000),
        ("2023-06-23 20:31:26 +0000 UTC m=-0.5", 0),
        ("2023-06-23 20:31:26.000000001+00:00", 1),
        ("2023-06-23T20:31:26.122969Z", 122_969_000),
        ("2023-06-23 22:01:26.5 +0130 XYZ m=+1.0", 500_000_000),
        ("2023-06-23 15:31:26-05:00", 0),
    ],
)
def test_times_of_iso_and_of_go(text: str, fraction: int) -> None:
    assert time_ns(text) == SECOND * 1_000_000_000 + fraction


@pytest.mark.parametrize(
    "text", [None, 5, "", "now", "2023-06-23", "2023-13-23 20:31:26 +0000 UTC", "2023-06-23 20:31:26"]
)
def test_other_times_are_none(text: object) -> None:
    assert time_ns(text) is None


@pytest.mark.parametrize(
    ("counter", "expected"), [(42, 42), ("42", 42), ("x", None), (None, None), (True, None), (4.2, None)]
)
def test_counters_as_number_and_as_text(counter: object, expected: int | None) -> None:
    event = {"current_time": "2023-06-23T20:31:26Z", "heartbeat_counter": counter}
    payload = json.dumps({"channel": "heartbeats", "events": [event]}).encode()

    assert heartbeat(payload) == Heartbeat(expected, SECOND * 1_000_000_000)


def test_a_frame_without_events_holds_none() -> None:
    assert heartbeat(b'{"channel":"heartbeats","events":[]}') is None
    assert heartbeat(b'{"channel":"heartb') is None
