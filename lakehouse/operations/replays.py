"""What a replay found, told in counts: by the command, and to who approves the switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse.address import Address
from lakehouse.contract import Contract, load

_PARTITIONS_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One table, live against replayed."""

    address: str
    live_rows: int
    replayed_rows: int
    only_live: int
    only_replayed: int
    where: str
    """`equal`, or where it differs."""

    @property
    def is_equal(self) -> bool:
        return self.where == "equal"


def findings(comparison: Mapping[str, Any]) -> list[Finding]:
    """The tables of a comparison document, in its order."""
    return [_finding(address, table["found"]) for address, table in comparison["tables"].items()]


def _finding(address: str, found: Mapping[str, Any]) -> Finding:
    rows = found["rows"]
    return Finding(
        address,
        live_rows=rows["live"],
        replayed_rows=rows["replayed"],
        only_live=rows["only_live"],
        only_replayed=rows["only_replayed"],
        where=_where(Address.parse(address), found),
    )


def _where(address: Address, found: Mapping[str, Any]) -> str:
    if found["other_columns"]:
        return "other columns"
    differing = [one["partition"] for one in found["differences"]]
    if not differing:
        return "equal"
    if not all(differing):
        return "the table"
    parts = "files" if address.layer == "bronze" else "partitions"
    told = f"{len(differing)} of {found['partitions']} {parts}"
    if _contract(address).rules.restricted or address.layer == "bronze":
        return told
    named = [", ".join(map(str, partition.values())) for partition in differing[:_PARTITIONS_NAMED]]
    return f"{told}: {'; '.join(named)}{'; …' if len(differing) > _PARTITIONS_NAMED else ''}"


def _contract(address: Address) -> Contract:
    return load(address.at("silver") if address.layer == "rejected" else address)
