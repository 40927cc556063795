"""Where `lakehouse run market_data` has its data from."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.cli.files import Files
from lakehouse.cli.market_data.recording import REQUESTS, simulate_and_record
from lakehouse.cli.market_data.source import Segments, Simulated
from lakehouse.cli.sources import Synthetic, source_of
from lakehouse.settings import Settings
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.truth import read_truth, trades_told
from lakehouse.storage.objects.local import LocalStore


def test_the_ledger_says_which_trades_were_heard(tmp_path: Path) -> None:
    """Read from the segments, message by message; snapshots of a second connection repeat some that were lost."""
    faults = (
        "drop=0.02",
        "duplicate=0.01",
        "malform=0.01",
        "truncate=0.01",
        "disconnect=nth:2000",
        "late_trade=0.05",
    )
    ledger = tmp_path / "ledger.ndjson"
    simulation = Simulation(
        seed=3,
        products=2,
        start=datetime(2026, 4, 7, 14, tzinfo=UTC),
        speed=0,
        minutes=0.5,
        start_after=REQUESTS,
        faults=Faults.parse([*faults, "outage_seconds=2"]),
        ledger=ledger,
    )
    store = LocalStore(tmp_path / "vault")

    outcome = simulate_and_record(simulation, store, tmp_path / "ahead")

    lines = [
        json.loads(line)
        for path in store.list_files("raw/ready/coinbase")
        for line in store.read(path).splitlines()
    ]
    assert len(lines) == outcome.counts.acknowledged
    heard = set()
    for line in lines:
        try:
            frame = json.loads(line.get("payload", "{}"))
        except ValueError:
            continue
        if frame.get("channel") == "market_trades":
            heard |= {(t["product_id"], int(t["trade_id"])) for e in frame["events"] for t in e["trades"]}
    truth = read_truth(ledger)
    assert len(truth.connections) == 2
    assert len(heard) < len(truth.trades)
    assert trades_told(ledger) == heard


def test_segments_of_a_folder_go_where_a_recorder_would_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "local")
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", str(tmp_path / "vault"))
    delivered = tmp_path / "delivered"
    delivered.mkdir()
    for name in ("segment_20260407T14_00001.ndjson", "segment_20260407T14_00002.ndjson.gz", "ledger.ndjson"):
        (delivered / name).write_bytes(name.encode())

    Segments(delivered).bring(Console(quiet=True), Settings())

    store = LocalStore(tmp_path / "vault")
    assert store.list_files("raw") == [
        "raw/ready/coinbase/segment_20260407T14_00001.ndjson",
        "raw/ready/coinbase/segment_20260407T14_00002.ndjson.gz",
    ]


def test_a_folder_without_segments_says_how_they_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"has no segment: their names are segment_\*\.ndjson"):
        Segments(tmp_path).bring(Console(quiet=True), Settings())


def test_a_made_up_market_gets_into_a_real_vault_only_if_it_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(CommandError, match="made-up market into s3://market-data-vault on AWS"):
        source_of("market_data", None, Synthetic())

    assert isinstance(source_of("market_data", None, Synthetic(minutes=5)), Simulated)


def test_each_domain_has_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert isinstance(source_of("ecommerce", tmp_path, Synthetic()), Files)
    assert isinstance(source_of("market_data", tmp_path, Synthetic()), Segments)
    assert isinstance(source_of("market_data", None, Synthetic()), Simulated)


@pytest.mark.parametrize(("domain", "has_folder"), [("ecommerce", False), ("market_data", True)])
def test_options_of_made_data_are_refused_elsewhere(tmp_path: Path, domain: str, has_folder: bool) -> None:
    with pytest.raises(CommandError, match="which makes its own data"):
        source_of(domain, tmp_path if has_folder else None, Synthetic(seed=0))
