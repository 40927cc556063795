"""The upkeep of one table: what its files call for, in which order, and what came of it.

What to do is read from the table's log and the names of its files, without Spark: a table that needs nothing costs a
few requests.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.address import Address
from lakehouse.contract import Contract
from lakehouse.lifetime import recovery_window
from lakehouse.steps.run import Run
from lakehouse.storage.compaction import Layout, needed_rewrite, optimize, small_files
from lakehouse.storage.conflicts import CONFLICTS
from lakehouse.storage.delta import retention_properties, set_properties
from lakehouse.storage.snapshot import Snapshot, snapshot
from lakehouse.storage.vacuum import files_of, removable_files, vacuum

log = logging.getLogger(__name__)

_MIB = 1 << 20
_SOON = timedelta(days=1)
"""Files of a version in use that leave the window while this runs count as having left it."""


@dataclass(frozen=True)
class Table:
    """A table of a contract, or of its rejected rows."""

    address: Address
    contract: Contract
    uri: str

    @property
    def layout(self) -> Layout:
        rules = self.contract.rules
        is_of_the_contract = self.address == self.contract.address
        return Layout(rules.targetFileSizeMb * _MIB, rules.zOrderBy if is_of_the_contract else ())


@dataclass(frozen=True)
class Files:
    """What a version of a table consists of."""

    version: int
    files: int
    bytes: int
    small_files: int
    files_without_statistics: int
    """Those that every query reads, whatever it looks for."""


@dataclass
class Report:
    """What was found and done: counts and reasons, never a value of the data."""

    before: Files
    after: Files
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Action → its reason and figures; in a dry run, what would have been done."""
    put_off: dict[str, str] = field(default_factory=dict)
    """Action → why it is left for another time."""
    seconds: float = 0.0


@dataclass(frozen=True)
class _Need:
    action: str
    reason: str
    do: Callable[[], None] | None
    """None where it must wait."""
    figures: dict[str, int] = field(default_factory=dict)


def keep(spark: SparkSession, run: Run, table: Table, in_use: set[int]) -> Report | None:
    """Do what the table needs, or say it in a dry run; None where there is no table yet.

    Files of the versions `in_use` stay, however old. What is left when another writer commits first waits for the
    next time. Raises ContractError where the contract keeps versions for too short a time.
    """
    started = time.monotonic()
    found = snapshot(table.uri)
    if found is None:
        return None
    before = _files(found, table.layout)
    report = Report(before, before)
    for need in _needs(spark, run, table, found, in_use):
        log.info("%s: %s: %s", table.address, need.action, need.reason)
        if need.do is None:
            report.put_off[need.action] = need.reason
            continue
        try:
            if not run.dry_run:
                need.do()
        except CONFLICTS as error:
            report.put_off[need.action] = f"another writer committed first ({type(error).__name__})"
            break
        report.actions[need.action] = {"reason": need.reason, **need.figures}
    if report.actions and not run.dry_run:
        report.after = _files(snapshot(table.uri) or found, table.layout)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _files(found: Snapshot, layout: Layout) -> Files:
    files = found.live.values()
    return Files(
        version=found.version,
        files=len(files),
        bytes=sum(file.size for file in files),
        small_files=len(small_files(found, layout)),
        files_without_statistics=sum(not file.has_statistics for file in files),
    )


def _needs(spark: SparkSession, run: Run, table: Table, found: Snapshot, in_use: set[int]) -> Iterator[_Need]:
    """In the order in which they are done: VACUUM goes by the properties."""
    window = recovery_window(table.contract)
    stated = retention_properties(table.contract)
    if any(found.properties.get(name) != value for name, value in stated.items()):
        yield _Need(
            "set_retention",
            "the table keeps versions for another time than its contract says",
            lambda: set_properties(spark, table.uri, stated),
        )
    if rewrite := needed_rewrite(table.uri, found, table.layout):
        yield _Need(
            "z_order" if table.layout.z_order else "compact",
            rewrite.reason,
            lambda: optimize(spark, table.uri, rewrite, table.layout),
            {"files": rewrite.files, "partitions": len(rewrite.partitions)},
        )
    if garbage := removable_files(table.uri, found, run.started_at - window):
        leaving = removable_files(table.uri, found, run.started_at - window + _SOON)
        held = [
            version
            for version in sorted(in_use)
            if version != found.version and leaving.keys() & files_of(table.uri, version)
        ]
        yield _Need(
            "vacuum",
            f"version {held[0]} is still in use"
            if held
            else f"no version of the last {window.days} days has them",
            None if held else lambda: vacuum(spark, table.uri),
            {"files": len(garbage), "bytes": sum(garbage.values())},
        )
