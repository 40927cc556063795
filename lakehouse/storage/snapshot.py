"""What a version of a Delta table consists of: its newest checkpoint, and the commits after it.

Read without Spark: to look at a table that needs nothing costs a few requests.
Protocol: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq

from lakehouse.storage import delta_log
from lakehouse.storage.objects.factory import store_at

_CHECKPOINT = ".checkpoint.parquet"
_COLUMNS = [
    *("add.path", "add.size", "add.partitionValues", "add.stats"),
    *("remove.path", "remove.deletionTimestamp"),
    "metaData.configuration",
]

type Partition = tuple[tuple[str, str | None], ...]
"""Partition columns and values, as text; None for null."""


@dataclass(frozen=True)
class DataFile:
    """One file of a table."""

    size: int
    """Bytes."""
    partition: Partition
    has_statistics: bool
    """Whether readers can tell from the log that they need not read it."""


@dataclass
class Snapshot:
    """A version of a table. Files are named relative to the table's URI."""

    version: int
    live: dict[str, DataFile] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    """Files of earlier versions → when they were removed, in ms since 1970; those that Delta still keeps."""
    properties: dict[str, str] = field(default_factory=dict)


def snapshot(uri: str, version: int | None = None) -> Snapshot | None:
    """The table at a version, by default its newest; None where there is no table. Raises LogExpiredError."""
    found = delta_log.version(uri) if version is None else version
    if found is None:
        return None
    checkpoint = _newest_checkpoint(uri, found)
    made = Snapshot(found)
    _apply(made, _checkpoint_actions(uri, checkpoint) if checkpoint is not None else ())
    for commit in range(0 if checkpoint is None else checkpoint + 1, found + 1):
        _apply(made, delta_log.actions(uri, commit))
    return made


def _newest_checkpoint(uri: str, until: int) -> int | None:
    names = (name for name in delta_log.names(uri) if name[20:] == _CHECKPOINT)
    return max((version for name in names if (version := int(name[:20])) <= until), default=None)


def _checkpoint_actions(uri: str, version: int) -> Iterator[Mapping[str, Any]]:
    store, path = store_at(f"{uri}/_delta_log/{version:020d}{_CHECKPOINT}")
    for batch in pq.ParquetFile(BytesIO(store.read(path))).iter_batches(columns=_COLUMNS):
        yield from batch.to_pylist(maps_as_pydicts="strict")


def _apply(made: Snapshot, actions: Iterable[Mapping[str, Any]]) -> None:
    for action in actions:
        if add := action.get("add"):
            path = unquote(add["path"])
            made.removed.pop(path, None)
            partition = tuple((add.get("partitionValues") or {}).items())
            made.live[path] = DataFile(add["size"], partition, bool(add.get("stats")))
        elif remove := action.get("remove"):
            path = unquote(remove["path"])
            made.live.pop(path, None)
            made.removed[path] = remove.get("deletionTimestamp") or 0
        elif metadata := action.get("metaData"):
            made.properties = dict(metadata.get("configuration") or {})
