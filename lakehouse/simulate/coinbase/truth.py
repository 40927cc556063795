"""Read a ledger: what a recorder and the tables made from it are judged by."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakehouse.simulate.coinbase.ledger import ARRIVED
from lakehouse.simulate.coinbase.listing import RECENT_TRADES

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """A ledger's records by kind, without their field `record`; `ledger` says what each has.

    Attributes:
        ends: One record, or none: then the simulator was killed and the ledger is not complete.
    """

    runs: list[Record] = field(default_factory=list)
    trades: list[Record] = field(default_factory=list)
    connections: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)
    gaps: list[Record] = field(default_factory=list)
    closed: list[Record] = field(default_factory=list)
    minutes: list[Record] = field(default_factory=list)
    ends: list[Record] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the simulator ended in an orderly way."""
        return bool(self.ends)


def read_truth(path: Path) -> Truth:
    """Read a ledger, whose last line may be cut off if the simulator was killed.

    Raises:
        OSError: It cannot be read.
    """
    truth = Truth()
    kinds = {
        "run": truth.runs,
        "trade": truth.trades,
        "connection": truth.connections,
        "message": truth.messages,
        "gap": truth.gaps,
        "closed": truth.closed,
        "minute": truth.minutes,
        "end": truth.ends,
    }
    for record in _records(path):
        kinds[record.pop("record")].append(record)
    return truth


def trades_told(path: Path) -> set[tuple[str, int]]:
    """Product and id of the trades that a message which arrived told of, be it a snapshot that repeats them.

    For ledgers of one connection at a time, subscribed to ticker and to market_trades of all products. What a reset
    destroyed under way counts as arrived, as everywhere in a ledger.

    Raises:
        OSError: It cannot be read.
    """
    told: set[tuple[str, int]] = set()
    recent: dict[str, deque[int]] = {}
    snapshots: Iterator[str] = iter(())
    matched: list[tuple[str, int]] = []
    for record in _records(path):
        if record["record"] == "run":
            recent = {product: deque(maxlen=RECENT_TRADES) for product in record["products"]}
        elif record["record"] == "connection":
            snapshots, matched = iter(recent), []
        elif record["record"] == "trade":
            trade = record["product_id"], int(record["trade_id"])
            matched.append(trade)
            recent[trade[0]].append(trade[1])
        elif record["record"] == "message":
            if record["channel"] == "market_trades":
                # An update follows its trades; what follows none is a snapshot, one a product in their order.
                product = "" if matched else next(snapshots)
                batch = matched or [(product, number) for number in recent[product]]
                told.update(batch if record["fate"] in ARRIVED else ())
            matched = []
    return told


def _records(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)
