"""Whether gold is as fresh as its contracts promise, by the publish manifest: a run that never was counts too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lakehouse.contract import Contract


@dataclass(frozen=True)
class Freshness:
    """One table's age against its service level `latency`."""

    table_address: str
    age: timedelta
    latency: timedelta

    @property
    def is_late(self) -> bool:
        return self.age > self.latency

    def __str__(self) -> str:
        state = "LATE" if self.is_late else "fresh"
        return f"{state:<6}{self.table_address}: published {_whole(self.age)} ago, at most {_whole(self.latency)}"


def freshness(contracts: Iterable[Contract], manifest: Mapping[str, Any], now: datetime) -> list[Freshness]:
    """Of each table with a `latency`; all tables of a domain are as old as its newest publish manifest."""
    age = now - datetime.fromisoformat(manifest["published_at"])
    return [
        Freshness(str(contract.address), age, contract.latency)
        for contract in contracts
        if contract.latency is not None
    ]


def _whole(time: timedelta) -> timedelta:
    return timedelta(seconds=int(time.total_seconds()))
