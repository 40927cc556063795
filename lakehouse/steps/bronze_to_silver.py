"""bronze → silver: typed, checked, one row per key.

Silver is a function of the *set* of bronze rows: for every key that a new row touches, all rows of that key that can
still win or be rejected are judged together. So late, early, repeated and backfilled deliveries end in the same tables.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract, load
from lakehouse.quality.audit import audit
from lakehouse.records.cast import RULES
from lakehouse.records.references import check_references
from lakehouse.records.resolve import CORRECTED, STATUS, STATUSES, resolve
from lakehouse.steps.candidate import (
    CANDIDATE,
    NOTHING_NEW,
    Candidate,
    base_version,
    inputs_taken_in,
    write_candidates,
)
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.judged_again import orphans_with_parents, released_positions
from lakehouse.steps.run import Run
from lakehouse.steps.touched import IS_NEW, REPLACED, touched_rows, typed_rows
from lakehouse.storage import delta_log, publication
from lakehouse.storage.columns import require_stored_columns
from lakehouse.storage.delta import read_candidate, read_if_exists, write_candidate
from lakehouse.transforms.held import holding


def bronze_to_silver(spark: SparkSession, run: Run) -> None:
    """Write, audit and record a candidate for each table that has rows to take in."""
    made: dict[str, Candidate] = {}

    def make(contract: Contract) -> Candidate:
        made[contract.name] = make_candidate(spark, run, contract, made)
        return made[contract.name]

    with holding():
        write_candidates(run, "silver", for_each_table(run.contracts("silver"), make))


def make_candidate(
    spark: SparkSession, run: Run, contract: Contract, earlier: Mapping[str, Candidate] = MappingProxyType({})
) -> Candidate:
    """One table's candidate; `earlier` are those of its parents that are not published yet."""
    base = base_version(run, contract.address)
    rejected_base = base_version(run, contract.address.at("rejected"))
    (source,) = contract.inputs
    bronze_uri = run.uri(source)
    version = delta_log.version(bronze_uri)
    if version is None:
        return Candidate()
    new_hashes = _new_hashes(inputs_taken_in(run, contract.address).get(str(source)), bronze_uri, version)
    parents = {r.address: _parent(spark, run, r.address, earlier) for r in contract.references.values()}
    orphans = orphans_with_parents(spark, run, contract, parents)
    released = released_positions(spark, run, contract)
    if new_hashes == set() and orphans is None and released is None and not run.full_refresh:
        return Candidate()
    if not _replaces_all(run, contract):
        require_stored_columns(spark, run.uri(contract.address), contract)
    bronze = spark.read.format("delta").option("versionAsOf", version).load(bronze_uri)
    found: AbstractContextManager[DataFrame]
    if new_hashes is None or _replaces_all(run, contract):
        found = nullcontext(typed_rows(contract, _mark_replaced(_mark_new(bronze, new_hashes), contract)))
    else:
        found = touched_rows(spark, run, contract, bronze, new_hashes, orphans=orphans, released=released)
    uri = run.candidate_uri(contract.address)
    with found as rows:
        judged = resolve(check_references(rows.where(~F.col(REPLACED)), contract, parents), contract)
        judged = _with_replaced(judged, rows.where(REPLACED), contract)
        write_candidate(judged.drop(RULES, REPLACED), uri)
    with read_candidate(spark, uri) as judged:
        counts, files = _tally(judged)
        # A table that bronze holds nothing for yet is published empty, so that gold can be made of the others.
        is_candidate = bool(counts["read"]) or delta_log.version(run.uri(contract.address)) is None
        candidate = Candidate(
            CANDIDATE if is_candidate else NOTHING_NEW,
            uri,
            counts["published"],
            counts,
            inputs={str(source): version},
            files=files,
            full_refresh=_replaces_all(run, contract),
            base=base,
            rejected_base=rejected_base,
        )
        if is_candidate:
            # A corrected row stays rejected, but must not close the gate to the delivery that corrects it.
            to_judge = judged.where(f"({IS_NEW} AND NOT {CORRECTED}) OR {STATUS} = 'published'")
            candidate.verdict = audit(run, contract, to_judge, candidate).outcome
    return candidate


def _new_hashes(taken_in: int | None, bronze_uri: str, version: int) -> set[str] | None:
    """The files that bronze gained since silver last took it in; None where all count as new."""
    return None if taken_in is None else publication.sources_gained(bronze_uri, taken_in, version)


def _mark_new(bronze: DataFrame, new_hashes: set[str] | None) -> DataFrame:
    is_new = F.lit(True) if new_hashes is None else F.col("_source_hash").isin(sorted(new_hashes))
    return bronze.withColumn(IS_NEW, is_new)


def _mark_replaced(bronze: DataFrame, contract: Contract) -> DataFrame:
    """Say which rows are of deliveries that later ones replaced, under the contract's delivery mode."""
    if contract.rules.delivery == "increment":
        return bronze.withColumn(REPLACED, F.lit(False))
    name = F.element_at(F.split("_source_file", "/"), -1)
    scope = name if contract.rules.delivery == "replace_by_name" else F.lit("all")
    newest = F.max("_delivered_at").over(Window.partitionBy(scope))
    return bronze.withColumn(REPLACED, F.col("_delivered_at") < newest)


def _with_replaced(judged: DataFrame, replaced: DataFrame, contract: Contract) -> DataFrame:
    """The judged rows and those that were replaced with their deliveries, whatever was wrong with them."""
    if contract.rules.delivery == "increment":
        return judged
    superseded = replaced.withColumn(STATUS, F.lit("superseded")).withColumn(CORRECTED, F.lit(False))
    return judged.unionByName(superseded, allowMissingColumns=True)


def _replaces_all(run: Run, contract: Contract) -> bool:
    """Whether the candidate is the whole table, so that publishing also removes what it lacks."""
    return run.full_refresh or contract.rules.delivery != "increment"


def _parent(spark: SparkSession, run: Run, address: Address, earlier: Mapping[str, Candidate]) -> DataFrame:
    """A parent table's keys as they will be when this run's candidates are published."""
    contract = load(address)
    keys = spark.createDataFrame([], contract.key_ddl)
    published = read_if_exists(spark, run.uri(address))
    if published is not None:
        keys = keys.union(published.select(*contract.primary_key))
    candidate = earlier.get(address.table)
    if candidate and candidate.candidate_uri:
        rows = spark.read.format("delta").load(candidate.candidate_uri)
        keys = keys.union(rows.where(f"{STATUS} = 'published'").select(*contract.primary_key))
    return keys


def _tally(judged: DataFrame) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """(rows by status; by new file: rows, and how many were rejected by which rule and not corrected since).

    Conservation is asserted here, never assumed: every row that was read has exactly one status.
    """
    columns = (STATUS, IS_NEW, CORRECTED, "_source_file", "_source_hash", "_rule")
    counts = dict.fromkeys(("read", *STATUSES), 0)
    files: dict[str, dict[str, Any]] = {}
    for row in judged.groupBy(*columns).count().collect():
        if row[STATUS] not in STATUSES:
            raise AssertionError(
                f"{row['count']} rows of {row['_source_file']} have the status {row[STATUS]!r}"
            )
        counts["read"] += row["count"]
        counts[row[STATUS]] += row["count"]
        if row[IS_NEW]:
            report = {"uri": row["_source_file"], "sha256": row["_source_hash"], "rows": 0, "rejected": {}}
            file = files.setdefault(row["_source_hash"], report)
            file["rows"] += row["count"]
            if row["_rule"] and not row[CORRECTED]:
                file["rejected"][row["_rule"]] = row["count"]
    return counts, sorted(files.values(), key=lambda file: str(file["uri"]))
