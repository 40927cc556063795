"""Restore: tables of a domain go back to versions that they had, one Delta commit each; nothing of a log is deleted.

A table that was restored no longer says what it has taken in, so the next run makes silver and gold anew from what
bronze holds. Restored to one publish manifest, bronze among them, they stay what they were then.
"""

import logging
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.address import TABLE_LAYERS, Address
from lakehouse.contract import load
from lakehouse.logs import log_table
from lakehouse.steps.manifest import Versions, write_versions
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log
from lakehouse.storage.documents import write_document

log = logging.getLogger(__name__)


class RestoreError(RuntimeError):
    """A version that a table cannot go back to; the message names both."""


def restore(spark: SparkSession, run: Run) -> None:
    """Restore every table of `run.versions`; twice changes nothing more. Raises RestoreError before anything is done.

    Restoring all of a domain's tables that a manifest names writes the manifest of what is there now.
    """
    for address, version in run.versions.items():
        _require_version(run.uri(Address.parse(address)), address, version)
    restored = {
        address: _restore(spark, run.uri(Address.parse(address)), address, version)
        for address, version in run.versions.items()
    }
    write_document(run.restored_document, {"run_id": run.run_id, "domain": run.domain, "tables": restored})
    now: Versions = {address: told["version_after"] for address, told in restored.items()}
    if _is_whole(run):
        write_versions(run, now)


def _require_version(uri: str, address: str, version: int) -> None:
    newest = delta_log.version(uri)
    if newest is None or version > newest:
        raise RestoreError(f"{address} has no version {version}; its newest is {newest}")
    try:
        delta_log.commit_info(uri, version)
    except delta_log.LogExpiredError:
        days = load(_described(Address.parse(address))).retention_days
        raise RestoreError(
            f"{address}: version {version} is older than the {days} days for which its contract keeps versions"
        ) from None


def _restore(spark: SparkSession, uri: str, address: str, version: int) -> dict[str, Any]:
    before = delta_log.version(uri)
    if before != version:
        DeltaTable.forPath(spark, uri).restoreToVersion(version)
    after = delta_log.version(uri)
    with log_table(Address.parse(address)):
        log.info("%s: version %s is version %s again, as version %s", address, before, version, after)
    return {"version_before": before, "restored": version, "version_after": after}


def _is_whole(run: Run) -> bool:
    return {Address.parse(address).layer for address in run.versions} >= {*TABLE_LAYERS}


def _described(address: Address) -> Address:
    """The table whose contract says how long versions are kept: rejected rows go with their table."""
    return address.at("silver") if address.layer == "rejected" else address
