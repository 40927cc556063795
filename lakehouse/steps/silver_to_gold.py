"""silver → gold: recompute exactly what arrivals touched.

A table partitioned by business date recomputes the dates whose orders or lines changed since it last took them in,
and those that the run names; every other table is small and recomputed whole. Nothing depends on the clock.
"""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract, load, published_inputs
from lakehouse.quality.audit import audit
from lakehouse.steps.candidate import CANDIDATE, Candidate, base_version, inputs_taken_in, write_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.steps.transforms import gold_rows
from lakehouse.storage import delta_log
from lakehouse.storage.delta import read_candidate, write_candidate

BUSINESS_DATE = "date"


def silver_to_gold(spark: SparkSession, run: Run) -> None:
    """Write, audit and record a candidate for each table whose inputs changed or whose dates were asked for."""
    contracts = run.contracts("gold")
    bases = {contract.address: base_version(run, contract.address) for contract in contracts}
    # Read once, so that all tables are made from the same silver.
    versions = {a: delta_log.version(run.uri(a)) for c in contracts for a in published_inputs(c)}
    candidates = for_each_table(
        contracts, lambda contract: _candidate(spark, run, contract, bases[contract.address], versions)
    )
    write_candidates(run, "gold", candidates)


def make_candidate(spark: SparkSession, run: Run, contract: Contract) -> Candidate:
    """One table's candidate, made from silver as it is now."""
    base = base_version(run, contract.address)
    versions = {address: delta_log.version(run.uri(address)) for address in published_inputs(contract)}
    return _candidate(spark, run, contract, base, versions)


def _candidate(
    spark: SparkSession, run: Run, contract: Contract, base: int, of_inputs: Mapping[Address, int | None]
) -> Candidate:
    versions = {address: of_inputs[address] for address in published_inputs(contract)}
    if missing := [str(address) for address, version in versions.items() if version is None]:
        raise ValueError(
            f"{contract.address} needs {', '.join(missing)}, which has nothing published yet: deliver it"
        )
    now = {str(address): version for address, version in versions.items() if version is not None}
    before = {} if run.full_refresh else inputs_taken_in(run, contract.address)
    if now == before and not run.dates:
        return Candidate()
    inputs = {address: _input(spark, run, address, now) for address in contract.inputs}
    dates = _dates_to_recompute(spark, run, contract, before, now)
    if dates == []:
        return Candidate()
    uri = run.candidate_uri(contract.address)
    write_candidate(gold_rows(contract, _restrict(inputs, dates)), uri)
    with read_candidate(spark, uri) as written:
        rows = written.count()
        counts = {"published": rows}
        candidate = Candidate(CANDIDATE, uri, rows, counts, inputs=now, partitions=dates, base=base)
        candidate.verdict = audit(run, contract, written, candidate).outcome
    return candidate


def _input(spark: SparkSession, run: Run, address: Address, now: dict[str, int]) -> DataFrame:
    """An input as it is now; one that this step derives is made of the same silver, not read as it was published."""
    if str(address) in now:
        return _read(spark, run, address, now[str(address)])
    contract = load(address)
    return gold_rows(contract, {source: _input(spark, run, source, now) for source in contract.inputs})


def _read(spark: SparkSession, run: Run, address: Address, version: int) -> DataFrame:
    frame = spark.read.format("delta").option("versionAsOf", version).load(run.uri(address))
    return frame.select(*load(address).column_names)


def _dates_to_recompute(
    spark: SparkSession, run: Run, contract: Contract, before: dict[str, int], now: dict[str, int]
) -> list[str] | None:
    """Business dates, as ISO text; None recomputes the whole table."""
    if contract.partition_by != [BUSINESS_DATE]:
        return None
    touched = {date.isoformat() for date in run.dates}
    if run.source and touched:
        return sorted(touched)
    if not before:
        return None
    for address in published_inputs(contract):
        dates = _touched_dates(spark, run, address, before.get(str(address)), now)
        if dates is None:
            return None
        touched |= dates
    return sorted(touched)


def _touched_dates(
    spark: SparkSession, run: Run, address: Address, before: int | None, now: dict[str, int]
) -> set[str] | None:
    """Dates whose facts an input's commits changed; None where a change may touch any date."""
    version = now[str(address)]
    if before == version:
        return set()
    if before is None or load(address).partition_by != [BUSINESS_DATE]:
        return None
    try:
        partitions = delta_log.changes(run.uri(address), before, version).partition_values(BUSINESS_DATE)
    except delta_log.LogExpiredError:
        return None
    return partitions | _dates_of_orders(spark, run, address, partitions, (before, version), now)


def _dates_of_orders(
    spark: SparkSession,
    run: Run,
    address: Address,
    partitions: set[str],
    versions: tuple[int, int],
    now: dict[str, int],
) -> set[str]:
    """Dates of the parents of changed rows: a line counts on its order's date, which may not be its own."""
    dates: set[str] = set()
    for column, reference in load(address).references.items():
        if load(reference.address).partition_by == [BUSINESS_DATE]:
            changed = (_read(spark, run, address, version) for version in versions)
            keys = reduce(
                DataFrame.union, (_keys(frame, column, reference.column, partitions) for frame in changed)
            )
            parent = _read(spark, run, reference.address, now[str(reference.address)])
            rows = parent.join(keys, reference.column, "left_semi").select(
                F.col(BUSINESS_DATE).cast("string")
            )
            dates |= {row[0] for row in rows.distinct().collect()}
    return dates


def _keys(changed: DataFrame, column: str, parent_column: str, partitions: set[str]) -> DataFrame:
    rows = changed.where(F.col(BUSINESS_DATE).isin(sorted(partitions)))
    return rows.select(F.col(column).alias(parent_column))


def _restrict(inputs: dict[Address, DataFrame], dates: list[str] | None) -> dict[Address, DataFrame]:
    """Inputs that hold facts of the dates only; a table that refers to a dated one follows its parent's dates."""
    if dates is None:
        return inputs
    restricted = dict(inputs)
    for address, frame in inputs.items():
        if load(address).partition_by == [BUSINESS_DATE] and not load(address).references:
            restricted[address] = frame.where(F.col(BUSINESS_DATE).isin(dates))
    return restricted
