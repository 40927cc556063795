"""Channel and sequence number without parsing: the same as a parser says, whatever the frame."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.recorder.frame import Frame, parsed, usual
from tests.lakehouse.recorder.exchange import message

NAMES = ["channel", "client_id", "timestamp", "sequence_num", "events", "type", "message", "other"]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**18)
    | st.sampled_from(["ticker", 'a"b\\', "", "sequence_num"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
documents = st.permutations(NAMES).flatmap(
    lambda names: st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))
)
typical = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["ticker", "l2_data"]),
        "timestamp": st.sampled_from(["", "2026-04-07T14:30:00Z", 'x", "sequence_num": 5, "events": "']),
        "sequence_num": st.integers(-1, 10**12),
        "events": values,
    }
)


@settings(max_examples=300, deadline=None)
@given(documents | typical, st.sampled_from([None, 2]), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_it_agrees_with_a_parser(
    document: dict[str, Any], indent: int | None, separators: tuple[str, str]
) -> None:
    payload = json.dumps(document, indent=indent, separators=separators).encode()
    number = document.get("sequence_num")
    expected = number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None

    found = usual(payload)
    frame = parsed(payload)

    if found is not None:
        assert found == (document["channel"].encode(), expected)
    if document.get("type") != "error":
        assert frame.sequence_num == expected
        assert frame.channel == (
            document.get("channel") if isinstance(document.get("channel"), str) else None
        )


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_no_frame_is_an_error_of_ours(payload: bytes) -> None:
    assert usual(payload) is None
    parsed(payload)


@pytest.mark.parametrize("payload", [b"[" * 100_000, b"\x00", b"\xff", b"", b"[]", b'"error"', b"{}"])
def test_what_cannot_be_read_has_no_number(payload: bytes) -> None:
    assert parsed(payload) == Frame()


def test_the_usual_frame_is_not_parsed() -> None:
    payload = b'{"channel":"l2_data","client_id":"","timestamp":"","sequence_num":7,"events":[not JSON]}'
    for spelling in (payload, payload + b"\n", payload.replace(b'"client_id":"",', b"")):
        assert usual(spelling) == (b"l2_data", 7)
    assert parsed(payload) == Frame()


def test_a_frame_that_is_cut_off_has_no_number_that_counts() -> None:
    """But where the cut leaves the end of an event, which nothing short of parsing would show."""
    event = '{"type":"update","updates":[{"side":"bid"},{"side":"offer"}]}'
    payload = message("l2_data", 7, json.loads(event)).encode()
    (event_end,) = [found.end() for found in re.finditer(rb"\]\}", payload[:-1])]

    for size in sorted({*range(len(payload))} - {event_end}):
        assert usual(payload[:size]) is None, payload[:size]
        assert parsed(payload[:size]) == Frame()
    assert usual(payload) == (b"l2_data", 7)


def test_an_error_has_the_words_of_the_exchange() -> None:
    assert parsed(b'{"type":"error","message":"failure to subscribe"}').error == "failure to subscribe"
    assert parsed(b'{"type":"error"}').error == "no reason given"
