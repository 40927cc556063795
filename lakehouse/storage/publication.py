"""A publication: the one commit that makes a candidate a table's content, or does not happen at all.

A candidate is made against one version of its table and is published as the next one: Delta's transaction identifier
serves as compare-and-set. Application `lakehouse`, version `base + 1`: of two writers that start from the same
version, in whatever process, Delta lets one commit; the other is told and makes its candidate anew.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from pyspark.sql import SparkSession

from lakehouse.storage import delta_log
from lakehouse.storage.conflicts import CONFLICTS

_APPLICATION = "lakehouse"
_COMMIT_CONF = ("write.txnAppId", "write.txnVersion", "commitInfo.userMetadata")


class StaleCandidateError(RuntimeError):
    """Another writer published first: what the candidate was made from is no longer the table's content."""


@dataclass(frozen=True)
class Publication:
    """What a commit says of itself (Delta's `userMetadata`): the table's ledger, written with its data."""

    candidate: str
    """URI of the candidate."""
    run_id: str
    inputs: dict[str, int] = field(default_factory=dict)
    """Versions of the inputs that the table has taken in with this commit, by address."""
    beside: dict[str, int] = field(default_factory=dict)
    """Versions of tables that belong to this commit: those of the rejected rows."""
    sources: list[str] | None = None
    """SHA-256 of the files that a commit of bronze brought; None where that is not told."""


def publish_once(
    spark: SparkSession, uri: str, base: int, publication: Publication, write: Callable[[], None]
) -> int:
    """Have `write` commit the publication as the version after `base`; returns the version.

    A publication that is in the log already is not written again. `spark` must be a session of this thread's own: its
    settings name the commit. Raises StaleCandidateError.
    """
    made = find(uri, publication.candidate, base)
    if made is not None:
        return made
    if (found := delta_log.version(uri)) != base:
        raise StaleCandidateError(f"{uri} is at version {found}; the candidate was made against {base}")
    try:
        with _commits(spark, base, publication):
            write()
    except CONFLICTS as error:
        raise StaleCandidateError(f"{uri}: another writer committed after version {base}") from error
    made = find(uri, publication.candidate, base)
    if made is None:  # Delta passes over a transaction whose version is taken, and says nothing
        raise StaleCandidateError(f"{uri}: another writer committed after version {base}")
    return made


def find(uri: str, candidate: str, base: int) -> int | None:
    """The version after `base` that published the candidate; None where none did, or the log no longer says."""
    newest = delta_log.version(uri) or 0
    for version in range(newest, base, -1):
        try:
            publication = _of(delta_log.commit_info(uri, version))
        except delta_log.LogExpiredError:
            return None
        if publication and publication.candidate == candidate:
            return version
    return None


def latest(uri: str, until: int | None = None) -> tuple[int, Publication] | None:
    """The newest publication of a table, up to a version, and its version.

    None where there is no table, where the log no longer holds one, and where the table was restored since: what it
    has taken in is then unknown.
    """
    newest = until if until is not None else delta_log.version(uri)
    for version in range(newest or 0, -1, -1):
        try:
            info = delta_log.commit_info(uri, version)
        except delta_log.LogExpiredError:
            return None
        if info.get("operation") == "RESTORE":
            return None
        if publication := _of(info):
            return version, publication
    return None


def sources_gained(uri: str, after: int, until: int) -> set[str] | None:
    """SHA-256 of the files that the commits (after, until] of a bronze table brought.

    None where a commit is no longer in the log, or changed data and does not say which files it brought.
    """
    gained: set[str] = set()
    try:
        for version in range(after + 1, until + 1):
            said = _of(delta_log.commit_info(uri, version))
            if said and said.sources is not None:
                gained.update(said.sources)
            elif delta_log.changes(uri, version - 1, version):
                return None
    except delta_log.LogExpiredError:
        return None
    return gained


def _of(commit_info: dict[str, object]) -> Publication | None:
    try:
        said = json.loads(str(commit_info["userMetadata"]))
    except (KeyError, ValueError):
        return None
    return Publication(**said) if isinstance(said, dict) and "candidate" in said else None


@contextmanager
def _commits(spark: SparkSession, base: int, publication: Publication) -> Iterator[None]:
    values = (_APPLICATION, str(base + 1), json.dumps(asdict(publication)))
    for name, value in zip(_COMMIT_CONF, values, strict=True):
        spark.conf.set(f"spark.databricks.delta.{name}", value)
    try:
        yield
    finally:
        for name in _COMMIT_CONF:
            spark.conf.unset(f"spark.databricks.delta.{name}")
