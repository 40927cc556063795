"""What happened to a Delta table between two versions, read from its log.

The log is the one record that is committed with the data: which files came and went tells which partitions a
downstream table must recompute, with no watermark of our own to keep in step.
Protocol: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lakehouse.storage.objects.factory import store_at
from lakehouse.storage.objects.store import FileMissingError


class LogExpiredError(RuntimeError):
    """A commit that was asked for is no longer in the log: the caller falls back to a full recomputation."""


@dataclass
class Changes:
    """Data files that commits added and removed, with their partition values (text, None for null)."""

    added: dict[str, dict[str, str | None]] = field(default_factory=dict)
    removed: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def partition_values(self, column: str) -> set[str]:
        """Every value of a partition column that a change touched."""
        touched = (*self.added.values(), *self.removed.values())
        return {value for values in touched if (value := values.get(column)) is not None}


def version(uri: str) -> int | None:
    """The table's newest version; None where there is no table."""
    commits = (name[:20] for name in names(uri) if name.endswith(".json") and name[:20].isdigit())
    return max(map(int, commits), default=None)


def remove_folder_marks(uri: str) -> None:
    """Remove the empty objects by which S3A keeps folders of the log."""
    store, folder = store_at(f"{uri}/_delta_log")
    store.remove_folder_marks(folder)


def names(uri: str) -> Iterator[str]:
    """The names of all files of the log."""
    store, folder = store_at(f"{uri}/_delta_log")
    for file in store.files(folder):
        yield file.path.removeprefix(f"{folder}/")


def changes(uri: str, after: int, until: int) -> Changes:
    """Data changes of the commits (after, until]; raises LogExpiredError.

    Rewrites that change no data (OPTIMIZE) do not count.
    """
    found = Changes()
    for commit in range(after + 1, until + 1):
        for action in actions(uri, commit):
            for kind, files in (("add", found.added), ("remove", found.removed)):
                if kind in action and action[kind]["dataChange"]:
                    files[unquote(action[kind]["path"])] = action[kind].get("partitionValues") or {}
    return found


def newest_alike(uri: str, since: int) -> int:
    """The newest version that has the rows of `since`: one that only rewrites of its files brought about."""
    newest = version(uri) or since
    try:
        changed = (later for later in range(since + 1, newest + 1) if changes(uri, later - 1, later))
        return next(changed, newest + 1) - 1
    except LogExpiredError:
        return since


def commit_info(uri: str, commit: int) -> dict[str, Any]:
    """What a commit says of itself; empty where it says nothing. Raises LogExpiredError."""
    return next((action["commitInfo"] for action in actions(uri, commit) if "commitInfo" in action), {})


def actions(uri: str, commit: int) -> Iterator[dict[str, Any]]:
    """What a commit did, in the protocol's words; raises LogExpiredError."""
    store, path = store_at(f"{uri}/_delta_log/{commit:020d}.json")
    try:
        content = store.read(path)
    except FileMissingError as error:
        raise LogExpiredError(f"{uri}: commit {commit} is no longer in the log") from error
    for line in content.splitlines():
        yield json.loads(line)
