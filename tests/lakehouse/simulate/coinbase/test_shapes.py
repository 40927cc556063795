"""Every message has the fields of the recorded ones, in the same formats."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lakehouse.simulate.coinbase.feed import Heard, Message, simulation
from tests.oracle.files import SHARED_DATA

FORMATS = {
    "decimal": r"-?\d+\.\d+",
    "whole number": r"\d+",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z",
    "time with offset": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}\+00:00",
    "product": r"[A-Z0-9]+-[A-Z]+",
}


def fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf's path, positions in lists left out, and its format; words stand for themselves."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")
    elif isinstance(value, str):
        matching = (name for name, pattern in FORMATS.items() if re.fullmatch(pattern, value))
        yield path, next(matching, value)
    else:
        yield path, type(value).__name__


def recorded(name: str) -> Message:
    path = SHARED_DATA / "market" / f"ws_{name}.json"
    assert path.exists(), f"the recorded messages are missing in {path.parent}: set LAKEHOUSE_SHARED_DATA"
    message: Message = json.loads(path.read_text())
    return message


@pytest.fixture(scope="module")
def heard() -> list[Message]:
    return Heard(simulation(products=2)).messages


@pytest.mark.parametrize(
    "name",
    ["heartbeats", "l2_data_snapshot", "l2_data_update", "market_trades", "ticker"],
)
def test_messages_look_like_the_recorded_ones(heard: list[Message], name: str) -> None:
    sample = recorded(name)
    kind = sample["events"][0].get("type")

    alike = [
        message
        for message in heard
        if message["channel"] == sample["channel"] and message["events"][0].get("type") == kind
    ]

    assert {field for message in alike for field in fields(message)} == set(fields(sample))
    assert {tuple(message) for message in alike} == {tuple(sample)}


def test_subscriptions_look_like_the_recorded_ones() -> None:
    heard = Heard(simulation(products=2, start_after=2, messages=20), ["level2", "market_trades"]).messages

    last = [message for message in heard if message["channel"] == "subscriptions"][-1]

    assert set(fields(last)) == set(fields(recorded("subscriptions")))
    assert last["events"] == [
        {"subscriptions": {"level2": ["BTC-USD", "ETH-USD"], "market_trades": ["BTC-USD", "ETH-USD"]}}
    ]


def test_heartbeats_in_text_have_the_time_as_go_prints_it() -> None:
    heard = Heard(simulation(heartbeat_format="text", messages=300, start_after=1), ["heartbeats", "ticker"])

    beats = [message["events"][0] for message in heard.messages if message["channel"] == "heartbeats"]

    assert [beat["heartbeat_counter"] for beat in beats[:3]] == ["1", "2", "3"]
    assert beats[1]["current_time"] == "2026-04-07 14:30:02 +0000 UTC m=+2.000000000"
