"""Maintain: files are brought to the size and order that the contract states, and what nobody can read any more goes.

Rows, and what readers see of them, stay.
"""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict

from pyspark.sql import SparkSession

from lakehouse.contract import stored_tables
from lakehouse.logs import log_table
from lakehouse.steps.concurrently import TABLES_AT_ONCE
from lakehouse.steps.run import Run
from lakehouse.steps.stale_candidates import sweep_stale_candidates
from lakehouse.steps.upkeep import Report, Table, keep
from lakehouse.steps.versions_in_use import versions_in_use
from lakehouse.storage.documents import write_document


class MaintenanceError(RuntimeError):
    """Some tables could not be maintained; the others were."""


def maintain(spark: SparkSession, run: Run) -> None:
    """Maintain the tables of the run's layer, or of the whole domain, sweep stale candidates, and write a report.

    A table that a publication changes meanwhile is left for the next time. Raises MaintenanceError.
    """
    started = time.monotonic()
    in_use = versions_in_use(run)
    with ThreadPoolExecutor(TABLES_AT_ONCE, thread_name_prefix="table") as pool:
        begun = {
            str(table.address): pool.submit(copy_context().run, _keep, spark, run, table, in_use)
            for table in _tables(run)
        }
    failed = {address: error for address, future in begun.items() if (error := future.exception())}
    reports = {address: future.result() for address, future in begun.items() if address not in failed}
    document = {
        "domain": run.domain,
        "run_id": run.run_id,
        "dry_run": run.dry_run,
        "tables": {address: asdict(report) for address, report in reports.items() if report},
        "failed": {address: type(error).__name__ for address, error in failed.items()},
        "stale_candidates": sweep_stale_candidates(run),
        "seconds": round(time.monotonic() - started, 1),
    }
    write_document(run.maintenance_document, document)
    if failed:
        told = ", ".join(f"{address} ({type(error).__name__})" for address, error in failed.items())
        raise MaintenanceError(f"not maintained: {told}") from next(iter(failed.values()))


def _keep(spark: SparkSession, run: Run, table: Table, in_use: Mapping[str, set[int]]) -> Report | None:
    with log_table(table.address):
        return keep(spark, run, table, in_use.get(str(table.address), set()))


def _tables(run: Run) -> Iterator[Table]:
    for address, contract in stored_tables(run.domain):
        if run.layer in {"", address.layer} and (not run.tables or address.table in run.tables):
            yield Table(address, contract, run.uri(address))
