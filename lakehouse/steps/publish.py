"""Publish: one Delta commit makes a candidate that passed its checkpoint the table's content."""

from collections.abc import Callable

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.records.resolve import STATUS
from lakehouse.session import session_of_its_own
from lakehouse.steps.candidate import CANDIDATE, Candidate, read_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.raw_to_bronze import readable_rows
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.delta import ensure_table, lineage_columns, merge_delta, once, replace_partitions
from lakehouse.storage.documents import read_document, write_document
from lakehouse.storage.rejections import merge_rejections


class UnauditedError(RuntimeError):
    """A candidate that did not pass its checkpoint."""


def publish(spark: SparkSession, run: Run) -> None:
    """Publish every candidate of the run's layer; twice changes nothing. Raises UnauditedError."""
    candidates = read_candidates(run, run.layer)
    contracts = [c for c in run.contracts(run.layer) if candidates[c.name].outcome == CANDIDATE]
    for contract in contracts:
        _require_verdict(run, contract)
    versions = for_each_table(
        contracts, lambda contract: _publish(spark, run, contract, candidates[contract.name])
    )
    write_document(
        run.published_document(run.layer), {"run_id": run.run_id, "layer": run.layer, "tables": versions}
    )


def _require_verdict(run: Run, contract: Contract) -> None:
    outcome = read_document(run.verdict_document(contract.address))["outcome"]
    if outcome not in {"passed", "warned"}:
        raise UnauditedError(
            f"{contract.address}: the checkpoint's verdict is {outcome!r}; nothing was published"
        )


def _publish(
    spark: SparkSession, run: Run, contract: Contract, candidate: Candidate
) -> dict[str, int | None]:
    uri = run.uri(contract.address)
    spark = session_of_its_own(spark)  # whose settings name the batch that is committed
    before = delta_log.version(uri)
    ensure_table(spark, uri, contract, lineage_columns(run.layer))
    rows = spark.read.format("delta").load(str(candidate.candidate_uri))
    with once(spark, str(candidate.candidate_uri)):
        _WRITERS[run.layer](run, contract, candidate, rows)
    after = delta_log.version(uri)
    ledger = {"inputs": candidate.inputs, "run_id": run.run_id, "version": after}
    write_document(run.ledger_document(contract.address), ledger)
    return {"version_before": before, "version_after": after, "rows": candidate.rows}


def _append_bronze(run: Run, contract: Contract, candidate: Candidate, rows: DataFrame) -> None:
    """Add the rows of files whose content bronze does not hold yet."""
    uri = run.uri(contract.address)
    table = DeltaTable.forPath(rows.sparkSession, uri).toDF()
    held = table.where(F.col("_source_hash").isin([file["sha256"] for file in candidate.files]))
    fresh = readable_rows(rows, candidate).join(
        held.select("_source_hash").distinct(), "_source_hash", "left_anti"
    )
    fresh.select(*table.columns).write.format("delta").mode("append").save(uri)


def _merge_silver(run: Run, contract: Contract, candidate: Candidate, rows: DataFrame) -> None:
    """Upsert the winners by key, then bring the rejected rows of the same keys up to date."""
    uri = run.uri(contract.address)
    winners = rows.where(f"{STATUS} = 'published'").select(*contract.column_names, *lineage_columns("silver"))
    partition = contract.partition_by[0] if contract.partition_by else None
    if candidate.full_refresh:
        replace_partitions(winners, uri, None, None)
    else:
        merge_delta(winners, uri, contract.primary_key, partition)
    rejected = run.uri(contract.address.at("rejected"))
    merge_rejections(rows, contract, rejected, run.run_id, candidate.counts["rejected"])


def _replace_gold(run: Run, contract: Contract, candidate: Candidate, rows: DataFrame) -> None:
    partition = contract.partition_by[0] if contract.partition_by else None
    replace_partitions(rows, run.uri(contract.address), partition, candidate.partitions)


type Writer = Callable[[Run, Contract, Candidate, DataFrame], None]
_WRITERS: dict[str, Writer] = {"bronze": _append_bronze, "silver": _merge_silver, "gold": _replace_gold}
