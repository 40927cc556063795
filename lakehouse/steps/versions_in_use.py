"""Versions of tables that are read by name, however old: VACUUM must leave their files.

A rewrite changes no data, so nothing downstream takes the new version in: for as long as nothing else is published,
what was published last still names the version before it, and the next run reads that.
"""

from lakehouse.contract import tables
from lakehouse.steps.run import Run
from lakehouse.storage import publication
from lakehouse.storage.documents import DocumentNotFoundError, read_document

type VersionsInUse = dict[str, set[int]]
"""Address → versions."""


def versions_in_use(run: Run) -> VersionsInUse:
    """Those that each table's newest publication names, as inputs or beside it, and those of the latest manifest."""
    found: VersionsInUse = {}
    for named in (_of_the_manifest(run), *_of_publications(run)):
        for address, version in named.items():
            found.setdefault(address, set()).add(version)
    return found


def _of_the_manifest(run: Run) -> dict[str, int]:
    try:
        versions: dict[str, int] = read_document(run.manifest_document("latest"))["tables"]
    except DocumentNotFoundError:
        return {}
    return versions


def _of_publications(run: Run) -> list[dict[str, int]]:
    contracts = (*tables(run.domain, "silver"), *tables(run.domain, "gold"))
    newest = (publication.latest(run.uri(contract.address)) for contract in contracts)
    return [{**found[1].inputs, **found[1].beside} for found in newest if found]
