"""silver → gold: recompute exactly what arrivals touched.

A partitioned table recomputes the partitions that changes of its inputs reach since it last took them in, and those
that the run names; every other table is recomputed whole. Nothing depends on the clock.
"""

from collections.abc import Mapping

from pyspark.sql import DataFrame, SparkSession

from lakehouse.address import Address
from lakehouse.contract import Contract, load, published_inputs
from lakehouse.quality.audit import audit
from lakehouse.steps.business_dates import is_by_date
from lakehouse.steps.candidate import CANDIDATE, Candidate, base_version, inputs_taken_in, write_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.steps.transforms import gold_rows, scope_rule
from lakehouse.storage import delta_log
from lakehouse.storage.columns import is_partitioned_as_stated
from lakehouse.storage.delta import is_in_partitions, read_candidate, rows_apart, write_candidate
from lakehouse.transforms.scope import Change, Changes, Inputs, Scope


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
    inputs = {address: _read(spark, run, address, now[str(address)]) for address in versions}
    scope = _scope(spark, run, contract, inputs, before, now)
    if scope and not scope.partitions:
        return Candidate()
    uri = run.candidate_uri(contract.address)
    write_candidate(_rows(contract, inputs, scope), uri)
    with read_candidate(spark, uri) as written:
        rows = written.count()
        counts = {"published": rows}
        partitions = [*scope.partitions] if scope else None
        candidate = Candidate(CANDIDATE, uri, rows, counts, inputs=now, partitions=partitions, base=base)
        candidate.verdict = audit(run, contract, written, candidate).outcome
    return candidate


def _read(spark: SparkSession, run: Run, address: Address, version: int) -> DataFrame:
    return _stored(spark, run, address, version).select(*load(address).column_names)


def _stored(spark: SparkSession, run: Run, address: Address, version: int) -> DataFrame:
    return spark.read.format("delta").option("versionAsOf", version).load(run.uri(address))


def _rows(contract: Contract, inputs: Inputs, scope: Scope | None) -> DataFrame:
    if scope is None:
        return _made(contract, inputs)
    (partition,) = contract.partition_by
    return _made(contract, scope.inputs).where(is_in_partitions(partition, scope.partitions))


def _made(contract: Contract, published: Inputs) -> DataFrame:
    """A table's rows; an input that this step derives is made of the same silver, not read as it was published."""
    inputs = {
        address: published[address] if address in published else _made(load(address), published)
        for address in contract.inputs
    }
    return gold_rows(contract, inputs)


def _scope(
    spark: SparkSession,
    run: Run,
    contract: Contract,
    inputs: Inputs,
    before: dict[str, int],
    now: dict[str, int],
) -> Scope | None:
    """What to recompute; None recomputes the whole table."""
    if not contract.partition_by or not is_partitioned_as_stated(spark, run.uri(contract.address), contract):
        return None
    asked = {date.isoformat() for date in run.dates}
    changes: Changes | None
    if run.source and asked:
        changes = {} if is_by_date(contract) else None
    else:
        changes = _changes(spark, run, contract, before, now)
    return None if changes is None else scope_rule(contract)(contract, inputs, changes, asked)


def _changes(
    spark: SparkSession, run: Run, contract: Contract, before: dict[str, int], now: dict[str, int]
) -> Changes | None:
    """What happened to the inputs that changed; None where it is not known, or their columns were others."""
    changed = [a for a in published_inputs(contract) if before.get(str(a)) != now[str(a)]]
    if any(str(address) not in before for address in changed):
        return None
    try:
        changes = {address: _change(spark, run, address, before, now) for address in changed}
    except delta_log.LogExpiredError:
        return None
    return None if None in changes.values() else {a: change for a, change in changes.items() if change}


def _change(
    spark: SparkSession, run: Run, address: Address, before: dict[str, int], now: dict[str, int]
) -> Change | None:
    """Raises LogExpiredError."""
    versions = before[str(address)], now[str(address)]
    uri = run.uri(address)
    files = delta_log.changes(uri, *versions)
    was, is_now = (_stored(spark, run, address, version) for version in versions)
    columns = load(address).column_names
    if not {*columns} <= {*was.columns}:
        return None
    was, is_now = was.select(*columns), is_now.select(*columns)
    return Change(
        before=was,
        after=is_now,
        apart=lambda: rows_apart(was, is_now, uri),
        partitions=[*files.added.values(), *files.removed.values()],
    )
