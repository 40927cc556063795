"""Against the simulated exchange, which keeps a ledger of what it sent: every gap is found, none is invented."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lakehouse.recorder import feed
from lakehouse.recorder.limits import Backoff
from lakehouse.recorder.service import Options, Outcome, record
from lakehouse.recorder.subscription import Subscription
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.server import running_exchange
from lakehouse.storage.objects.local import LocalStore
from tests.lakehouse.recorder.lines import lines_of, payload_of


def ledger_of(path: Path, record: str) -> list[dict[str, Any]]:
    rows = map(json.loads, path.read_text().splitlines())
    return [row for row in rows if row["record"] == record]


def test_gaps_are_those_of_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "Backoff", lambda: Backoff(first=0.05, longest=0.05))
    switches = ["drop=0.003", "duplicate=0.003", "malform=0.002", "truncate=0.002", "disconnect=0.0005"]
    simulation = Simulation(
        seed=4,
        speed=0,
        start=datetime(2026, 4, 7, 14, tzinfo=UTC),
        messages=12_000,
        start_after=4,
        heartbeat_format="text",
        faults=Faults.parse(switches),
        ledger=tmp_path / "ledger.ndjson",
    )
    store = LocalStore(tmp_path / "vault")

    async def stop_when_over(exchange: Any) -> None:
        await exchange.wait_until_over()
        await asyncio.sleep(0.5)  # what it said last is under way
        os.kill(os.getpid(), signal.SIGTERM)

    async def run() -> Outcome:
        async with running_exchange(simulation) as exchange:
            stopper = asyncio.create_task(stop_when_over(exchange))
            outcome = await record(
                Subscription(exchange.url, ("BTC-USD", "ETH-USD")), store, Options(tmp_path / "ahead")
            )
            await stopper
            return outcome

    outcome = asyncio.run(run())

    lines = lines_of(store)
    connections = [line["connection_id"] for line in lines if line["kind"] == "connected"]
    found = [
        (
            1 + connections.index(line["connection_id"]),
            line["expected_sequence"] - 1,
            line["received_sequence"],
        )
        for line in lines
        if line["kind"] == "gap"
    ]
    gaps = ledger_of(simulation.ledger or tmp_path, "gap")
    assert sorted(found) == [(gap["connection"], gap["last_before"], gap["next_after"]) for gap in gaps]
    assert len(gaps) > 20
    fates = [row["fate"] for row in ledger_of(simulation.ledger or tmp_path, "message")]
    duplicates = [line for line in lines if line.get("is_duplicate")]
    assert len(duplicates) == fates.count("duplicated") == outcome.counts.duplicates > 10
    assert fates.count("malformed") > 5
    assert fates.count("truncated") > 5
    assert outcome.counts.unreadable == fates.count("malformed") + fates.count("truncated")
    messages = [line for line in lines if line["kind"] == "message"]
    assert len(messages) == len(fates) - fates.count("dropped") + fates.count("duplicated")
    assert len(connections) > 2
    assert all(payload_of(line) for line in messages)
