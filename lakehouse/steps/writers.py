"""How a layer's candidate becomes its table's next version."""

from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.records.resolve import STATUS
from lakehouse.steps.candidate import Candidate
from lakehouse.steps.raw_to_bronze import known_hashes, readable_rows
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.columns import replace_whole, require_stored_columns
from lakehouse.storage.delta import lineage_columns, merge_delta, replace_partitions
from lakehouse.storage.publication import Publication, publish_once
from lakehouse.storage.rejections import ensure_rejections, merge_rejections


def _append_bronze(spark: SparkSession, run: Run, contract: Contract, candidate: Candidate) -> int:
    """Append the files whose content the table does not hold: it is the ledger of files.

    A column that the contract gained is empty of what came before.
    """
    uri = run.uri(contract.address)
    base = delta_log.version(uri) or 0
    loaded = [file["sha256"] for file in candidate.files if file["status"] == "loaded" and file["rows"]]
    # The candidate holds no file that the table of its base held.
    known = known_hashes(spark, uri, loaded) if base != candidate.base else set()
    if known.issuperset(loaded):
        return base
    rows = readable_rows(_written(spark, candidate), candidate)
    rows = rows.where(~F.col("_source_hash").isin(sorted(known)))
    columns = [*contract.column_names, *lineage_columns("bronze")]

    def append() -> None:
        appended = rows.select(*columns).write.format("delta").mode("append")
        appended.option("mergeSchema", "true").save(uri)

    publication = replace(_publication(run, candidate), sources=sorted(set(loaded) - known))
    return publish_once(spark, uri, base, publication, append)


def _merge_silver(spark: SparkSession, run: Run, contract: Contract, candidate: Candidate) -> int:
    """Bring the rejected rows up to date, then the table.

    In this order, for the table's commit alone says that a candidate is published: a crash between the two leaves the
    input to be taken in again, and with it every row that the rejected table now says too much or too little of.
    """
    uri = run.uri(contract.address)
    rows = _written(spark, candidate)
    if not candidate.full_refresh:
        require_stored_columns(spark, uri, contract)
    rejected = run.uri(contract.address.at("rejected"))
    held = ensure_rejections(spark, rejected, contract)
    beside = candidate.rejected_base
    if candidate.counts["rejected"] or not held.toDF().isEmpty():
        beside = publish_once(
            spark,
            rejected,
            candidate.rejected_base,
            _publication(run, candidate),
            lambda: merge_rejections(held, rows, contract, run.run_id, whole=candidate.full_refresh),
        )
    winners = rows.where(f"{STATUS} = 'published'").select(*contract.column_names, *lineage_columns("silver"))

    def write() -> None:
        if candidate.full_refresh:
            replace_whole(winners, uri, contract)
        else:
            merge_delta(winners, uri, contract.primary_key, contract.partition_by)

    publication = _publication(run, candidate, {str(contract.address.at("rejected")): beside})
    return publish_once(spark, uri, candidate.base, publication, write)


def _replace_gold(spark: SparkSession, run: Run, contract: Contract, candidate: Candidate) -> int:
    uri = run.uri(contract.address)
    partition = contract.partition_by[0] if contract.partition_by else None
    rows = _written(spark, candidate)
    if candidate.partitions is not None:
        require_stored_columns(spark, uri, contract)

    def write() -> None:
        if candidate.partitions is None:
            replace_whole(rows, uri, contract)
        else:
            replace_partitions(rows, uri, partition, candidate.partitions)

    return publish_once(spark, uri, candidate.base, _publication(run, candidate), write)


def _written(spark: SparkSession, candidate: Candidate) -> DataFrame:
    return spark.read.format("delta").load(str(candidate.candidate_uri))


def _publication(run: Run, candidate: Candidate, beside: dict[str, int] | None = None) -> Publication:
    return Publication(str(candidate.candidate_uri), run.run_id, candidate.inputs, beside or {})


type Writer = Callable[[SparkSession, Run, Contract, Candidate], int]
WRITERS: dict[str, Writer] = {"bronze": _append_bronze, "silver": _merge_silver, "gold": _replace_gold}
