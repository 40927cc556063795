"""`lakehouse run market_data`: an exchange, its recorder, the vault, the DAG, gold; read back by delta-rs."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.stack import Stack

VAULT = "market-data-vault"
FAULTS = ("drop=0.001", "duplicate=0.001", "disconnect=nth:9000")

type Trade = tuple[str, int]
"""Product and trade_id."""
type Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the exchange keeps its truth."""
    return tmp_path_factory.mktemp("exchange") / "ledger.ndjson"


@pytest.fixture(scope="module")
def told(stack: Stack, ledger: Path) -> list[str]:
    """Lines of the command's output; another file of this folder may have left the stack without Airflow."""
    if stack.run("up").returncode:
        stack.must("down")
        stack.must("up")
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    size = ("--minutes", "3", "--products", "2", "--seed", "7")
    return stack.must("run", "market_data", *size, *faults, "--ledger", ledger).splitlines()


@pytest.fixture(scope="module")
def truth(told: list[str], ledger: Path) -> Records:
    """The ledger's records."""
    assert told
    return [json.loads(line) for line in ledger.read_text().splitlines()]


def published(stack: Stack, folder: str, name: str, clock: str, truth: Records) -> Records:
    """A table's rows since the exchange opened."""
    rows: Records = stack.table(folder, name, VAULT).to_pyarrow_table().to_pylist()
    opened = datetime.fromisoformat(truth[0]["start"])
    return [row for row in rows if row[clock] >= opened]


def heard_trades(stack: Stack) -> Records:
    """Every trade that a message in an archived segment tells of."""
    s3 = stack.client("s3")
    listed = s3.list_objects_v2(Bucket=VAULT, Prefix="raw/archive/coinbase_messages/").get("Contents", [])
    keys = [entry["Key"] for entry in listed if entry["Key"].endswith(".ndjson")]
    assert keys
    bodies = [s3.get_object(Bucket=VAULT, Key=key)["Body"].read() for key in keys]
    lines = [json.loads(line) for body in bodies for line in body.splitlines()]
    frames = [json.loads(line["payload"]) for line in lines if line["kind"] == "message"]
    return [
        trade
        for frame in frames
        if frame.get("channel") == "market_trades"
        for event in frame["events"]
        for trade in event["trades"]
    ]


def ids(trades: Records) -> set[Trade]:
    return {(trade["product_id"], int(trade["trade_id"])) for trade in trades}


def test_bars_completeness_and_checkpoints_are_shown(told: list[str]) -> None:
    output = "\n".join(told)
    assert "market_data.gold.ohlcv_1m" in output
    assert "market_data.gold.completeness_1m" in output
    assert "BTC-USD" in output
    assert "Checkpoints" in output


def test_each_comparison_with_the_ledger_is_equal(told: list[str]) -> None:
    begin = told.index("The exchange's own ledger against the tables")
    lines = [line.split(maxsplit=1) for line in told[begin + 1 :] if line.startswith("  ")]
    assert [verdict for verdict, _ in lines] == ["equal"] * 6
    assert [words.split(":")[0].split()[0] for _, words in lines] == [
        "every", "trades", "bars", "whole", "gaps", "gaps",
    ]  # fmt: skip


def test_silver_has_each_trade_that_was_heard_once(stack: Stack, truth: Records) -> None:
    happened = [record for record in truth if record["record"] == "trade"]
    opened = datetime.fromisoformat(truth[0]["start"])
    heard = ids([trade for trade in heard_trades(stack) if datetime.fromisoformat(trade["time"]) >= opened])
    made = published(stack, "processed/coinbase", "market_trades", "time", truth)

    assert sorted((row["product_id"], row["trade_id"]) for row in made) == sorted(heard)
    assert heard <= ids(happened)


def test_completeness_counts_what_the_exchange_dropped(stack: Stack, truth: Records) -> None:
    """Every message whose connection brought a later one, and no other."""
    messages = [record for record in truth if record["record"] == "message"]
    last = {one["connection"]: one["sequence_num"] for one in messages if one["fate"] != "dropped"}
    dropped = sum(
        one["fate"] == "dropped" and one["sequence_num"] < last[one["connection"]] for one in messages
    )

    missing = Counter[str]()
    for row in published(stack, "gold", "completeness_1m", "minute", truth):
        missing[row["product_id"]] += row["missing_messages"]
    assert len(last) == 2
    assert dropped > 10
    assert missing == {"BTC-USD": dropped, "ETH-USD": dropped}
