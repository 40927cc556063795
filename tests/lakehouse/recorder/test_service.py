"""The recorder from its first connection to its graceful end, against an exchange that follows a script."""

import asyncio
import errno
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from lakehouse.recorder import feed
from lakehouse.recorder.feed import FeedError
from lakehouse.recorder.limits import Backoff
from lakehouse.recorder.service import Options, Outcome, record
from lakehouse.recorder.subscription import Subscription
from lakehouse.recorder.write_ahead import WriteAheadError
from lakehouse.storage.objects.local import LocalStore
from tests.lakehouse.recorder.exchange import Client, Exchange, Script, message, slow_link
from tests.lakehouse.recorder.lines import lines_of, parsed, payload_of


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "Backoff", lambda: Backoff(first=0.05, longest=0.05))


def recorded(
    tmp_path: Path,
    script: Script,
    *,
    silence: float = 10,
    confirmation: float = 10,
    bytes_a_second: float = 0,
    **options: Any,
) -> tuple[Exchange, Outcome, list[dict[str, Any]]]:
    """Record what the script sends until it calls `stop`; the lines in the vault."""
    store = LocalStore(tmp_path / "vault")

    async def run() -> tuple[Exchange, Outcome]:
        async with AsyncExitStack() as stack:
            exchange = await stack.enter_async_context(Exchange(script).serving())
            url = exchange.url
            if bytes_a_second:
                url = await stack.enter_async_context(slow_link(url, bytes_a_second))
            wanted = Subscription(url, ("BTC-USD", "ETH-USD"), silence=silence, confirmation=confirmation)
            outcome = await record(wanted, store, Options(tmp_path / "ahead", **options))
            return exchange, outcome

    exchange, outcome = asyncio.run(run())
    return exchange, outcome, lines_of(store)


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line["kind"] for line in lines]


async def stop(client: Client) -> None:
    """End the recorder as an operator would; what was sent before must be recorded."""
    await (await client.socket.ping())
    os.kill(os.getpid(), signal.SIGTERM)
    await client.socket.wait_closed()


def test_every_frame_is_kept_byte_for_byte(tmp_path: Path) -> None:
    frames: list[str | bytes] = [
        '{"channel": "ticker",   "sequence_num": 1}',
        'not JSON at all \u2028 \U0001f600 \x00 \\ " \n\r',
        b"\xff\xfe\x00binary",
        "",
        '{"channel":"market_trades","sequence_num":2,"a":1,"a":2}',
        '{"truncated": [1, 2',
    ]

    async def script(client: Client) -> None:
        await client.confirm()
        for frame in frames:
            await client.send(frame)
        await stop(client)

    exchange, outcome, lines = recorded(tmp_path, script)

    assert [line["kind"] for line in lines] == ["connected", *["message"] * 7, "disconnected"]
    assert [payload_of(line) for line in lines if line["kind"] == "message"] == exchange.clients[0].sent
    assert [line["counter"] for line in lines] == list(range(9))
    assert outcome.left == 0
    assert outcome.uploaded == 1


def test_a_gap_is_recorded_for_all_products_and_heals_by_a_new_snapshot(tmp_path: Path) -> None:
    """Numbers 0 1 | 4 5: two are missing; then 4 again, and 3 after all."""

    async def script(client: Client) -> None:
        await client.confirm()
        await client.next("ticker")
        client.sequence = 4
        await client.next("l2_data")
        await client.requested(6)
        await client.next("l2_data", {"type": "snapshot"})
        await client.send(message("l2_data", 4))
        await client.send(message("ticker", 3))
        await stop(client)

    exchange, outcome, lines = recorded(tmp_path, script)

    assert kinds(lines) == ["connected", "message", "message", "gap", *["message"] * 4, "disconnected"]
    (gap,) = [line for line in lines if line["kind"] == "gap"]
    assert (gap["expected_sequence"], gap["received_sequence"]) == (2, 4)
    assert gap["products"] == ["BTC-USD", "ETH-USD"]
    assert gap["channels"] == ["heartbeats", "ticker", "level2", "market_trades"]
    assert [line["counter"] for line in lines if "is_duplicate" in line] == [6]
    assert lines[6]["is_duplicate"] is True
    counts = outcome.counts
    assert (counts.gaps, counts.missing, counts.duplicates) == (1, 1, 1)
    products = ["BTC-USD", "ETH-USD"]
    assert exchange.clients[0].requests == [
        {"type": "subscribe", "channel": "heartbeats"},
        {"type": "subscribe", "product_ids": products, "channel": "ticker"},
        {"type": "subscribe", "product_ids": products, "channel": "level2"},
        {"type": "subscribe", "product_ids": products, "channel": "market_trades"},
        {"type": "unsubscribe", "product_ids": products, "channel": "level2"},
        {"type": "subscribe", "product_ids": products, "channel": "level2"},
    ]


def test_a_book_that_lost_a_part_of_a_message_is_asked_for_anew(tmp_path: Path) -> None:
    async def script(client: Client) -> None:
        await client.confirm()
        await client.send(message("l2_data", 1, {"updates": [{"side": "bid"}, {"side": "offer"}]})[:-20])
        client.sequence = 2
        await client.next("ticker")
        await client.requested(6)
        await stop(client)

    exchange, outcome, lines = recorded(tmp_path, script)

    assert kinds(lines) == ["connected", "message", "message", "gap", "message", "disconnected"]
    assert (lines[3]["expected_sequence"], lines[3]["received_sequence"]) == (1, 2)
    assert payload_of(lines[2]) == exchange.clients[0].sent[1]
    asked = [(request["type"], request["channel"]) for request in exchange.clients[0].requests[4:]]
    assert asked == [("unsubscribe", "level2"), ("subscribe", "level2")]
    assert (outcome.counts.gaps, outcome.counts.missing, outcome.counts.unreadable) == (1, 1, 1)


def test_the_events_say_what_they_are_about(tmp_path: Path) -> None:
    async def script(client: Client) -> None:
        await client.confirm()
        await stop(client)

    exchange, _, lines = recorded(tmp_path, script)

    first, _, last = lines
    assert first["endpoint"] == exchange.url
    assert first["products"] == ["BTC-USD", "ETH-USD"]
    assert "stopped" in last["reason"]
    assert len({line["connection_id"] for line in lines}) == 1
    assert len(first["connection_id"]) == len(first["recorder_id"]) == 32
    times = [line["received_ns"] for line in lines]
    assert times == sorted(times)


@pytest.mark.parametrize("ending", ["closed", "aborted", "silent", "pinged", "unconfirmed", "error"])
def test_a_connection_that_ends_is_followed_by_another(tmp_path: Path, ending: str) -> None:
    async def script(client: Client) -> None:
        if client.number == 1:
            await client.confirm()
            await stop(client)
        elif ending == "unconfirmed":
            await client.next("subscriptions", {"subscriptions": {"ticker": []}})
            while True:  # however much comes: until the recorder closes
                await client.next("ticker", {"padding": "x" * 1000})
                await asyncio.sleep(0.001)
        else:
            await client.confirm()
            if ending == "aborted":
                client.socket.transport.abort()
            elif ending == "silent":
                await client.socket.wait_closed()
            elif ending == "pinged":
                while True:
                    await client.socket.ping()
                    await asyncio.sleep(0.05)
            elif ending == "error":
                await client.send('{"type":"error","message":"internal error"}')
                await client.socket.wait_closed()

    impatience = {
        "silence": 0.3 if ending in {"silent", "pinged"} else 10,
        "confirmation": 0.3 if ending == "unconfirmed" else 10,
    }
    _, outcome, lines = recorded(tmp_path, script, **impatience)

    events = [line for line in lines if line["kind"] != "message"]
    assert kinds(events) == ["connected", "disconnected"] * 2
    assert len({line["connection_id"] for line in events}) == 2
    assert outcome.counts.connections == 2
    assert outcome.counts.gaps == 0, "each connection counts from 0"
    reason = {
        "silent": "no message for",
        "pinged": "no message for",
        "unconfirmed": "level2",
        "error": "internal error",
    }.get(ending, "closed")
    assert reason in events[1]["reason"]


def test_it_stops_while_a_connection_is_being_opened(tmp_path: Path) -> None:
    """The server takes the connection and never answers its handshake."""
    started = time.monotonic()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        os.kill(os.getpid(), signal.SIGTERM)
        await reader.read()
        writer.close()

    async def run() -> Outcome:
        async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            return await record(
                Subscription(url, ("BTC-USD",)), LocalStore(tmp_path / "vault"), Options(tmp_path / "ahead")
            )

    outcome = asyncio.run(asyncio.wait_for(run(), 20))

    assert (outcome.counts.connections, outcome.left) == (0, 0)
    assert time.monotonic() - started < 5


def test_silence_is_noticed_though_the_clock_is_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time_ns

    async def script(client: Client) -> None:
        await client.confirm()
        if client.number == 1:
            await stop(client)
        await (await client.socket.ping())
        monkeypatch.setattr(time, "time_ns", lambda: right() - 3600 * 10**9)
        async with asyncio.timeout(5):
            await client.socket.wait_closed()

    _, _, lines = recorded(tmp_path, script, silence=0.3)

    assert "no message for" in next(line["reason"] for line in lines if line["kind"] == "disconnected")


def test_level2_is_confirmed_by_either_of_its_names(tmp_path: Path) -> None:
    async def script(client: Client) -> None:
        confirmed = ["heartbeats", "ticker", "l2_data", "market_trades"]
        await client.next("subscriptions", {"subscriptions": {name: [] for name in confirmed}})
        await asyncio.sleep(0.6)
        await stop(client)

    _, outcome, lines = recorded(tmp_path, script, confirmation=0.3)

    assert kinds(lines) == ["connected", "message", "disconnected"]
    assert "stopped" in lines[-1]["reason"]
    assert outcome.counts.connections == 1


def test_a_refused_subscription_ends_the_recorder_and_is_recorded(tmp_path: Path) -> None:
    async def script(client: Client) -> None:
        await client.requested(1)
        await client.send('{"type":"error","message":"NO-USD is not a valid product"}')
        await client.socket.wait_closed()

    with pytest.raises(FeedError, match=r"NO-USD is not a valid product; check --products"):
        recorded(tmp_path, script)

    lines = lines_of(LocalStore(tmp_path / "vault"))
    assert kinds(lines) == ["connected", "message", "disconnected"]
    assert "refused" in lines[2]["reason"]


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        pytest.param(1, "too busy", id="what was confirmed before"),
        pytest.param(0, "rate limit exceeded", id="by the exchange's limits, from the start"),
    ],
)
def test_a_refusal_for_a_while_passes(tmp_path: Path, refused: int, message: str) -> None:
    async def script(client: Client) -> None:
        if client.number == refused:
            await client.requested(1)
            await client.send(json.dumps({"type": "error", "message": message}))
            await client.socket.wait_closed()
        await client.confirm()
        if client.number == 2:
            await stop(client)
        await (await client.socket.ping())

    _, outcome, lines = recorded(tmp_path, script)

    reasons = [line["reason"] for line in lines if line["kind"] == "disconnected"]
    assert reasons[refused] == f"subscription refused: {message}"
    assert outcome.counts.connections == 3


def test_a_frame_of_50_megabytes_is_taken(tmp_path: Path) -> None:
    padding = "x" * 50_000_000

    async def script(client: Client) -> None:
        await client.confirm()
        await client.next("l2_data", {"padding": padding})
        await stop(client)

    exchange, _, lines = recorded(tmp_path, script, segment_size=1_000_000)

    assert payload_of(lines[2]) == exchange.clients[0].sent[1]


def test_snapshots_on_a_slow_link_are_no_silence_and_may_hold_up_the_confirmation(tmp_path: Path) -> None:
    """Two of a megabyte, a second each; the exchange confirms behind them."""

    async def script(client: Client) -> None:
        await client.requested(4)
        for _ in range(2):
            await client.next("l2_data", {"padding": "x" * 1_000_000})
        await client.confirm()
        await stop(client)

    exchange, outcome, lines = recorded(
        tmp_path, script, silence=0.4, confirmation=0.4, bytes_a_second=1_000_000
    )

    assert kinds(lines) == ["connected", *["message"] * 3, "disconnected"]
    assert "stopped" in lines[-1]["reason"]
    assert outcome.counts.connections == 1
    assert [payload_of(line) for line in lines[1:-1]] == exchange.clients[0].sent


@pytest.mark.parametrize("call", ["fdatasync", "open"])
def test_a_full_disk_is_what_the_recorder_ends_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Of the first segment when its lines are synced, or of the second when it is begun."""
    works = getattr(os, call)

    def full(*arguments: Any) -> Any:
        if call == "open" and "_00002.ndjson" not in str(arguments[0]):
            return works(*arguments)
        monkeypatch.setattr(os, call, works)  # and there is room again
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def script(client: Client) -> None:
        await client.confirm()
        monkeypatch.setattr(os, call, full)
        while True:
            await client.next("ticker", {"padding": "x" * 1000})
            await asyncio.sleep(0.01)

    with pytest.raises(WriteAheadError, match=r"cannot be written \(No space left on device\): free space"):
        recorded(tmp_path, script, segment_size=10_000)

    written = [*(tmp_path / "ahead").rglob("*.ndjson"), *(tmp_path / "vault").rglob("*.ndjson")]
    counters = [line["counter"] for path in sorted(written) for line in parsed(path.read_bytes())]
    assert sorted(counters) == list(range(len(counters)))


def test_segments_rotate_while_frames_come(tmp_path: Path) -> None:
    async def script(client: Client) -> None:
        await client.confirm()
        for number in range(300):
            await client.next("ticker", {"number": number, "padding": "x" * 1000})
        await stop(client)

    exchange, outcome, lines = recorded(tmp_path, script, segment_size=50_000, flush_records=7)

    assert outcome.uploaded > 6
    assert [line["counter"] for line in lines] == list(range(len(lines)))
    assert [payload_of(line) for line in lines if line["kind"] == "message"] == exchange.clients[0].sent


def test_health_and_metrics_tell_what_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    answers: list[tuple[int, dict[str, Any]]] = []

    async def script(client: Client) -> None:
        answers.append(await asyncio.to_thread(ask, port))
        await client.confirm()
        client.sequence = 3
        await client.next("ticker")
        await (await client.socket.ping())
        answers.append(await asyncio.to_thread(ask, port))
        await asyncio.sleep(0.3)
        await stop(client)

    recorded(tmp_path, script, health_port=port, metrics_interval=0.1)

    assert [status for status, _ in answers] == [503, 200]
    assert answers[1][1]["gaps"] == 1
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(document["Messages"] for document in documents) == 2
    assert sum(document["MissingMessages"] for document in documents) == 2
    for document in documents:
        (directive,) = document["_aws"]["CloudWatchMetrics"]
        assert isinstance(document["_aws"]["Timestamp"], int)
        assert directive["Namespace"] == "Lakehouse/Recorder"
        assert directive["Dimensions"] == [["Source"]]
        assert document["Source"] == "coinbase"
        for metric in directive["Metrics"]:
            assert isinstance(document[metric["Name"]], int | float)
            assert metric["Unit"] in {"Count", "Bytes", "Milliseconds"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
