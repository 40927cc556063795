"""silver → gold: recompute exactly what arrivals touched.

A partitioned table recomputes the partitions that changes of its inputs reach since it last took them in, and those
that the run names; every other table is recomputed whole. Nothing depends on the clock.
"""

from pyspark.sql import DataFrame, SparkSession

from lakehouse.contract import Contract, load
from lakehouse.quality.audit import audit
from lakehouse.steps.arrivals import Arrivals
from lakehouse.steps.candidate import CANDIDATE, Candidate, base_version, write_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.steps.transforms import gold_rows
from lakehouse.storage.delta import is_in_partitions, read_candidate, write_candidate
from lakehouse.transforms.held import held, holding
from lakehouse.transforms.scope import Inputs, Scope


def silver_to_gold(spark: SparkSession, run: Run) -> None:
    """Write, audit and record a candidate for each table whose inputs changed or whose dates were asked for."""
    contracts = run.contracts("gold")
    bases = {contract.address: base_version(run, contract.address) for contract in contracts}
    arrivals = Arrivals(spark, run, contracts)
    with holding():
        candidates = for_each_table(
            contracts, lambda contract: _candidate(spark, run, contract, bases[contract.address], arrivals)
        )
    write_candidates(run, "gold", candidates)


def make_candidate(spark: SparkSession, run: Run, contract: Contract) -> Candidate:
    """One table's candidate, made from silver as it is now."""
    base = base_version(run, contract.address)
    with holding():
        return _candidate(spark, run, contract, base, Arrivals(spark, run, [contract]))


def _candidate(spark: SparkSession, run: Run, contract: Contract, base: int, arrivals: Arrivals) -> Candidate:
    now = {str(address): version for address, version in arrivals.now(contract).items()}
    if not run.dates and not arrivals.are_new(contract):
        return Candidate()
    scope = arrivals.scope(contract)
    if scope and not scope.partitions:
        return Candidate()
    uri = run.candidate_uri(contract.address)
    write_candidate(_rows(contract, arrivals, scope), uri)
    with read_candidate(spark, uri) as written:
        rows = written.count()
        counts = {"published": rows}
        partitions = [*scope.partitions] if scope else None
        candidate = Candidate(CANDIDATE, uri, rows, counts, inputs=now, partitions=partitions, base=base)
        candidate.verdict = audit(run, contract, written, candidate).outcome
    return candidate


def _rows(contract: Contract, arrivals: Arrivals, scope: Scope | None) -> DataFrame:
    if scope is None:
        return _made(contract, arrivals.inputs([contract]))
    (partition,) = contract.partition_by
    return _made(contract, scope.inputs).where(is_in_partitions(partition, scope.partitions))


def _made(contract: Contract, published: Inputs) -> DataFrame:
    """A table's rows; an input that this step derives is made of the same silver, not read as it was published."""
    inputs = {
        address: published[address] if address in published else held(_made(load(address), published))
        for address in contract.inputs
    }
    return gold_rows(contract, inputs)
