"""Read a ledger: what a recorder and the tables made from it are judged by."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def _records(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)
