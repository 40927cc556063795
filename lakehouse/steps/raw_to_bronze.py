"""raw → bronze: every value of every delivered file as text, exactly as it came, with where it came from.

A file is known by its content: the same bytes under any name are taken in once. A file that cannot be read is
reported with the reason, and the others load.
"""

import json
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.address import bucket_of
from lakehouse.contract import Contract
from lakehouse.ingestion.archived_files import archived_files
from lakehouse.ingestion.drift import header_rules
from lakehouse.ingestion.files import DeliveredFile, delivered_files
from lakehouse.ingestion.parse import parse_files
from lakehouse.quality.audit import audit
from lakehouse.steps.candidate import CANDIDATE, Candidate, base_version, write_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.storage.delta import read_candidate, read_if_exists, write_candidate


def raw_to_bronze(spark: SparkSession, run: Run) -> None:
    """Write, audit and record a candidate for each dataset that has new files."""
    candidates = for_each_table(run.contracts("bronze"), lambda contract: _candidate(spark, run, contract))
    write_candidates(run, "bronze", candidates)


def _candidate(spark: SparkSession, run: Run, contract: Contract) -> Candidate:
    base = base_version(run, contract.address)
    delivered = _files(run, contract)
    known = known_hashes(spark, run.uri(contract.address), [file.sha256 for file in delivered])
    new, duplicates = _split_by_content(delivered, known)
    report = [_file_report(file, "duplicate", rows=0) for file in duplicates]
    if not new:
        return Candidate(files=report)
    uri = run.candidate_uri(contract.address)
    rules = header_rules(contract, run.environment)
    write_candidate(parse_files(spark, new, contract, run.started_at.isoformat(), rules), uri)
    with read_candidate(spark, uri) as parsed:
        report += _reports(parsed, new)
        rows = sum(file["rows"] for file in report)
        counts = {"read": rows, "published": rows}
        candidate = Candidate(CANDIDATE, uri, rows, counts, report, base=base)
        candidate.verdict = audit(run, contract, readable_rows(parsed, candidate), candidate).outcome
    return candidate


def _files(run: Run, contract: Contract) -> list[DeliveredFile]:
    """Those that lie where they are delivered; of a replay those that earlier runs took in."""
    if run.source == "archive":
        return archived_files(bucket_of("raw", run.buckets), contract.name)
    return delivered_files(run.landing_uris(contract))


def readable_rows(parsed: DataFrame, candidate: Candidate) -> DataFrame:
    """The rows of a candidate without those of files that turned out unreadable half-way."""
    failed = [file["sha256"] for file in candidate.files if file["status"] == "failed"]
    return parsed.where(~F.col("_source_hash").isin(failed))


def known_hashes(spark: SparkSession, uri: str, hashes: list[str]) -> set[str]:
    """Those of the files, by SHA-256, that the bronze table at `uri` holds."""
    bronze = read_if_exists(spark, uri) if hashes else None
    if bronze is None:
        return set()
    known = bronze.where(F.col("_source_hash").isin(hashes))
    return {row["_source_hash"] for row in known.select("_source_hash").distinct().collect()}


def _split_by_content(
    delivered: list[DeliveredFile], known: set[str]
) -> tuple[list[DeliveredFile], list[DeliveredFile]]:
    """(files with new content, files whose content is known or came before them)."""
    seen = set(known)
    new: list[DeliveredFile] = []
    duplicates: list[DeliveredFile] = []
    for file in delivered:
        (duplicates if file.sha256 in seen else new).append(file)
        seen.add(file.sha256)
    return new, duplicates


def _reports(parsed: DataFrame, files: list[DeliveredFile]) -> list[dict[str, Any]]:
    found = parsed.groupBy("_source_hash").agg(
        F.count("*").alias("rows"),
        F.max("_unreadable").alias("reason"),
        F.array_sort(F.collect_set("_drift")).alias("drift"),
    )
    by_hash = {row["_source_hash"]: row for row in found.collect()}
    reports = []
    for file in files:
        row = by_hash.get(file.sha256)
        if row and row["reason"]:
            reports.append(_file_report(file, "failed", rows=0, reason=row["reason"]))
        else:
            report = _file_report(file, "loaded", rows=row["rows"] if row else 0)
            reports.append(report | {"drift": [json.loads(text) for text in row["drift"]] if row else []})
    return reports


def _file_report(file: DeliveredFile, status: str, *, rows: int, reason: str | None = None) -> dict[str, Any]:
    return {
        "uri": file.uri,
        "sha256": file.sha256,
        "delivered_at": file.delivered_at.isoformat(),
        "rows": rows,
        "status": status,
        "reason": reason,
    }
