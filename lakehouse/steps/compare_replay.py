"""How the tables that a replay made differ from the live ones: counts and hashes, by partition."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.address import TABLE_LAYERS, Address
from lakehouse.contract import Contract, made_in, stored_tables
from lakehouse.steps.business_dates import BUSINESS_DATE
from lakehouse.steps.candidate import inputs_taken_in
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.comparison import Comparison, Counts, Difference, compare
from lakehouse.storage.documents import read_document, write_document

log = logging.getLogger(__name__)

VOLATILE = frozenset({"_ingested_at", "_source_file", "run_id"})
"""Columns in which two tables of the same rows may differ: when and by which run they were read, under which name."""
_A_FILE = ["_source_hash"]


class ReplayError(RuntimeError):
    """A replay that cannot be compared or switched to; the message says what to do."""


@dataclass(frozen=True)
class Compared:
    """A table beside its live one, and the versions that were compared; None where there is no such table."""

    uri: str
    version: int | None
    live_version: int | None
    found: Comparison


def compare_replay(spark: SparkSession, run: Run) -> None:
    """Compare every table that the run makes with the live one, and write the comparison. Raises ReplayError."""
    live = {address: delta_log.version(address.uri(run.buckets)) for address, _ in stored_tables(run.domain)}
    if run.source == "bronze":
        _require_unmoved(run, live)
    compared = {
        str(address): _compared(spark, run, address, contract, live[address])
        for address, contract in stored_tables(run.domain)
        if run.makes_beside(address.layer)
    }
    for address, table in compared.items():
        log.info("%s: %s", address, "equal" if table.found.is_equal else table.found.rows)
    document = {
        "run_id": run.run_id,
        "domain": run.domain,
        "source": run.source,
        "dates": [date.isoformat() for date in run.dates],
        "is_equal": all(table.found.is_equal for table in compared.values()),
        "live_versions": {str(address): version for address, version in live.items()},
        "tables": {address: asdict(table) for address, table in compared.items()},
    }
    write_document(run.comparison_document, document)


def read_comparison(run: Run) -> tuple[dict[str, Compared], dict[str, int | None]]:
    """What was compared, and the version of every live table, by address; raises DocumentNotFoundError."""
    document = read_document(run.comparison_document)
    compared = {address: _read(table) for address, table in document["tables"].items()}
    return compared, document["live_versions"]


def in_order_of_the_flow(run: Run) -> Iterator[tuple[Address, Contract]]:
    """Every table that a replay makes, after what it is made of; rejected rows before their table."""
    for layer in TABLE_LAYERS:
        for contract in made_in(run.domain, layer) if run.makes_beside(layer) else ():
            if layer == "silver":
                yield contract.address.at("rejected"), contract
            yield contract.address, contract


def is_of_the_dates(run: Run, contract: Contract) -> bool:
    """Whether of this table only the run's dates are replayed."""
    return bool(run.dates) and contract.made_in == "gold" and contract.partition_by == [BUSINESS_DATE]


def _require_unmoved(run: Run, live: dict[Address, int | None]) -> None:
    """What silver was made of is what bronze holds now."""
    for contract in made_in(run.domain, "silver"):
        for name, version in inputs_taken_in(run, contract.address).items():
            if live[Address.parse(name)] != version:
                raise ReplayError(
                    f"{name} changed while it was replayed: pause the DAG {run.domain}, try again"
                )


def _compared(
    spark: SparkSession, run: Run, address: Address, contract: Contract, live_version: int | None
) -> Compared:
    uri = run.uri(address)
    version = delta_log.version(uri)
    replayed = _frame(spark, uri, version)
    live = _frame(spark, address.uri(run.buckets), live_version)
    some = replayed if replayed is not None else live
    if some is None:
        return Compared(uri, None, None, Comparison())
    replayed, live = (some.limit(0) if side is None else side for side in (replayed, live))
    if is_of_the_dates(run, contract):
        dates = F.col(BUSINESS_DATE).isin([*run.dates])
        replayed, live = replayed.where(dates), live.where(dates)
    return Compared(uri, version, live_version, compare(live, replayed, VOLATILE, _parts(address, contract)))


def _frame(spark: SparkSession, uri: str, version: int | None) -> DataFrame | None:
    if version is None:
        return None
    return spark.read.format("delta").option("versionAsOf", version).load(uri)


def _parts(address: Address, contract: Contract) -> list[str]:
    """By what a table is told apart: bronze has no partitions, but files."""
    if address.layer == "bronze":
        return _A_FILE
    return contract.partition_by if address == contract.address else []


def _read(told: dict[str, Any]) -> Compared:
    found = told["found"]
    differences = [Difference(one["partition"], Counts(**one["rows"])) for one in found["differences"]]
    comparison = {**found, "rows": Counts(**found["rows"]), "differences": differences}
    return Compared(**{**told, "found": Comparison(**comparison)})
