"""Whether a copy of a Delta table in another region can be read yet, and how it becomes a table of its own.

S3 replicates objects in no order: a commit may arrive before the files that it names, and before the commit before it.
"""

import re
from collections.abc import Sequence

import boto3

from lakehouse.storage import delta_log
from lakehouse.storage.delta_log import LogExpiredError
from lakehouse.storage.documents import listed
from lakehouse.storage.objects.paths import split_uri
from lakehouse.storage.snapshot import snapshot

_NUMBERED = re.compile(r"(\d{20})\..+")
_LAST_CHECKPOINT = "_last_checkpoint"
_LOG = "_delta_log/"


def missing(uri: str, version: int) -> list[str]:
    """What is not there of a version: a sentence on its log, or names of data files. Empty where it can be read."""
    newest = delta_log.version(uri)
    if newest is None or newest < version:
        return [f"commit {version} has not arrived"]
    try:
        table = snapshot(uri, version)
    except LogExpiredError as error:
        return [str(error)]
    live = table.live if table else {}
    _, prefix = split_uri(f"{uri}/")
    there = {entry["Key"].removeprefix(prefix) for entry in listed(f"{uri}/")}
    return sorted(live.keys() - there)


def later_entries(uri: str, version: int | None) -> list[str]:
    """Names of the log's entries after a version, all where it is None; and the pointer to a checkpoint among them."""
    names = list(delta_log.names(uri))
    numbered = ((name, match) for name in names if (match := _NUMBERED.fullmatch(name)))
    later = sorted(name for name, match in numbered if version is None or int(match[1]) > version)
    # Readers look for the newest checkpoint themselves where nothing points to one.
    return [*later, *(name for name in names if name == _LAST_CHECKPOINT and later)]


def cut(uri: str, version: int | None) -> None:
    """Delete the log's entries after a version, newest first, so that it is the table's newest."""
    delete(f"{uri}/_delta_log", later_entries(uri, version))


def mirror(source: str, target: str) -> int:
    """Make the table at `target` the one at `source`: copy what differs, data before the log; returns how many objects.

    Entries of the target's log that the source lacks are deleted; data files stay, for VACUUM to remove.
    """
    copied, only_there = copy_differing(source, target)
    delete(target, [name for name in only_there if name.startswith(_LOG)])
    return copied


def copy_differing(source: str, target: str) -> tuple[int, list[str]]:
    """Copy what `target` lacks or has otherwise; returns how many objects, and the names that only it has."""
    s3 = boto3.client("s3")
    (source_bucket, source_prefix), (bucket, prefix) = split_uri(f"{source}/"), split_uri(f"{target}/")
    wanted = {entry["Key"].removeprefix(source_prefix): entry["ETag"] for entry in listed(f"{source}/")}
    there = {entry["Key"].removeprefix(prefix): entry["ETag"] for entry in listed(f"{target}/")}
    differing = [name for name, etag in wanted.items() if there.get(name) != etag]
    for name in sorted(differing, key=lambda name: (name.startswith(_LOG), name)):
        s3.copy({"Bucket": source_bucket, "Key": f"{source_prefix}{name}"}, bucket, f"{prefix}{name}")
    return len(differing), sorted(there.keys() - wanted.keys())


def delete(uri: str, names: Sequence[str]) -> None:
    """Delete objects below a URI, the last first; the bucket keeps them as older versions."""
    bucket, prefix = split_uri(f"{uri}/")
    for name in reversed(names):
        boto3.client("s3").delete_object(Bucket=bucket, Key=f"{prefix}{name}")
