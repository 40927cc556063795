"""Optimize: many small files become few, in the contract's Z-order; rows, and what readers see of them, stay."""

import logging

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.contract import Contract
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.conflicts import CONFLICTS

log = logging.getLogger(__name__)


def optimize(spark: SparkSession, run: Run) -> None:
    """Optimize every table of the run's layer; one that a publication changes meanwhile is left for the next time."""
    for_each_table(run.contracts(run.layer), lambda contract: _optimize(spark, run, contract))


def _optimize(spark: SparkSession, run: Run, contract: Contract) -> None:
    uri = run.uri(contract.address)
    if delta_log.version(uri) is None:
        log.info("%s: no table yet", contract.address)
        return
    builder = DeltaTable.forPath(spark, uri).optimize()
    try:
        if contract.rules.zOrderBy:
            done = builder.executeZOrderBy(*contract.rules.zOrderBy)
        else:
            done = builder.executeCompaction()
    except CONFLICTS as error:
        log.warning("%s: %s: left for the next time", contract.address, type(error).__name__)
        return
    metrics = done.head().metrics
    log.info("%s: %d files became %d", contract.address, metrics.numFilesRemoved, metrics.numFilesAdded)
