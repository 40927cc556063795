"""The publish manifest: one version of every table of a domain that belong together.

A table is published by one commit, several tables are not: who reads across tables reads the versions of a manifest
(`VERSION AS OF`). It is written when all tables of gold are published, so a run that died half-way leaves the
manifest before it.
"""

import logging
from datetime import UTC, datetime

from lakehouse.address import Address
from lakehouse.contract import tables
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log, publication
from lakehouse.storage.documents import write_document

log = logging.getLogger(__name__)

type Versions = dict[str, int]


def write_manifest(run: Run) -> None:
    """Write the manifest of a domain whose gold is published and was made from one version of each silver table.

    A replay publishes beside the live tables, of which a manifest speaks: it writes none.
    """
    if run.layer != "gold" or run.source:
        return
    versions = consistent_versions(run)
    if versions is None:
        log.warning("gold was made from different versions of silver: the next run writes the manifest")
        return
    write_versions(run, versions)


def write_versions(run: Run, versions: Versions) -> None:
    """Write the manifest of tables that belong together."""
    published_at = datetime.now(UTC).isoformat(timespec="seconds")
    document = {
        "domain": run.domain,
        "run_id": run.run_id,
        "published_at": published_at,
        "tables": versions,
    }
    write_document(run.manifest_document(run.run_id), document)
    write_document(run.manifest_document("latest"), document)


def consistent_versions(run: Run) -> Versions | None:
    """Table → version, from what gold's newest publications say of their inputs, down to bronze.

    None where a table of gold is missing, or where two were made from different versions of an input.
    """
    versions: Versions = {}
    for contract in tables(run.domain, "gold"):
        found = publication.latest(run.uri(contract.address))
        if found is None or not _add(run, versions, {str(contract.address): found[0], **found[1].inputs}):
            return None
    for contract in tables(run.domain, "silver"):
        version = versions.get(str(contract.address))
        # What no table of gold reads is taken as it is, if it was made from the same bronze.
        found = publication.latest(run.uri(contract.address), version)
        if found is None:
            return None
        of_its_own = {str(contract.address): found[0]} if version is None else {}
        if not _add(run, versions, {**of_its_own, **found[1].inputs, **found[1].beside}):
            return None
    return dict(sorted(versions.items(), key=lambda item: _place(item[0])))


def _add(run: Run, versions: Versions, more: Versions) -> bool:
    """Add versions; False where a table is there in another one.

    Maintenance may have rewritten a table since: versions that hold the same rows are one, named by the newest.

    Of bronze the newest counts: it is only appended to, and a table of silver that took in an older version found
    nothing of its own in what came after.
    """
    agree = True
    for address, named in more.items():
        version = delta_log.newest_alike(run.uri(Address.parse(address)), named)
        is_bronze = Address.parse(address).layer == "bronze"
        agree = agree and (is_bronze or versions.get(address, version) == version)
        versions[address] = max(versions.get(address, version), version)
    return agree


def _place(address: str) -> tuple[int, str]:
    layers = ("bronze", "rejected", "silver", "gold")
    return layers.index(Address.parse(address).layer), address
