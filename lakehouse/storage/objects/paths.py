"""Paths that cannot be wrong: checked where text becomes a path, built where the parts are known."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Self, get_args

Stage = Literal["active", "ready", "processing"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""Where a segment is until it is loaded, in the order in which it goes through them."""
Shelf = Literal["archive", "failed"]
SHELVES: tuple[Shelf, ...] = get_args(Shelf)
"""Where a segment is put that was loaded, or could not be."""

HOUR_FORMAT = "%Y%m%dT%H"
LAST_NUMBER = 99_999
_SEGMENT = re.compile(r"segment_(\d{8}T\d{2})_(\d{5})\.ndjson\Z", re.ASCII)
_SOURCE = re.compile(r"[a-z][a-z0-9_]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_LONGEST = 1024
"""Bytes of a key on S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


def split_uri(uri: str) -> tuple[str, str]:
    """`s3://bucket/key` → (bucket, key)."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def checked(path: str) -> str:
    """The path itself; raises ValueError unless it is relative, without empty, `.` or `..` parts."""
    if any(part in {"", ".", ".."} for part in path.split("/")) or _UNSAFE.search(path):
        raise ValueError(
            f"{path!r} is no path in a store: write it relative, without empty parts, '.', '..', backslash or "
            "control characters"
        )
    if len(path.encode()) > _LONGEST:
        raise ValueError(f"{path[:80]!r}… is longer than {_LONGEST} bytes: S3 has no such key")
    return path


def folder(prefix: str) -> str:
    """A folder as the beginning of its files' paths: checked, with one slash at the end; `` for the whole store."""
    bare = prefix.removesuffix("/")
    return f"{checked(bare)}/" if bare else ""


@dataclass(frozen=True, order=True)
class SegmentName:
    """`segment_<YYYYMMDDTHH>_<NNNNN>.ndjson`: the UTC hour in which it was opened, and its number in that hour."""

    hour: str
    number: int

    def __post_init__(self) -> None:
        if not _is_hour(self.hour):
            raise ValueError(f"{self.hour!r} is no hour such as 20260407T14")
        if not 1 <= self.number <= LAST_NUMBER:
            raise ValueError(
                f"a segment's number is 1 to {LAST_NUMBER}, not {self.number}: use larger segments"
            )

    @classmethod
    def at(cls, moment: datetime, number: int) -> Self:
        """The name in the hour of an aware moment."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone: a segment is named by its UTC hour")
        return cls(moment.astimezone(UTC).strftime(HOUR_FORMAT), number)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a file name; raises ValueError."""
        match = _SEGMENT.match(name)
        if match is None:
            raise ValueError(f"{name!r} is not segment_<YYYYMMDDTHH>_<NNNNN>.ndjson")
        return cls(match[1], int(match[2]))

    def __str__(self) -> str:
        return f"segment_{self.hour}_{self.number:05d}.ndjson"

    def following(self) -> Self:
        """The next name of the same hour."""
        return type(self)(self.hour, self.number + 1)


def shelf_path(shelf: Shelf, dataset: str, sha256: str, name: SegmentName) -> str:
    """`raw/<shelf>/<dataset>/<first 16 digits of the content's SHA-256>/<name>`."""
    if shelf not in SHELVES:
        raise ValueError(f"{shelf!r} is no shelf: there is {', '.join(SHELVES)}")
    if not _SOURCE.match(dataset):
        raise ValueError(f"{dataset!r} must be lower-case letters, digits and underscores")
    if not _SHA256.match(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256 in hexadecimal")
    return f"raw/{shelf}/{dataset}/{sha256[:16]}/{name}"


def _is_hour(text: str) -> bool:
    try:
        return datetime.strptime(text, HOUR_FORMAT).replace(tzinfo=UTC).strftime(HOUR_FORMAT) == text
    except ValueError:
        return False


def stage_folder(stage: Stage, source: str) -> str:
    """`raw/<stage>/<source>`, such as `raw/ready/coinbase`."""
    if stage not in STAGES:
        raise ValueError(f"{stage!r} is no stage of a segment: there is {', '.join(STAGES)}")
    if not _SOURCE.match(source):
        raise ValueError(f"{source!r} must be lower-case letters, digits and underscores, such as coinbase")
    return f"raw/{stage}/{source}"


def segment_path(stage: Stage, source: str, name: SegmentName) -> str:
    """`raw/<stage>/<source>/segment_<YYYYMMDDTHH>_<NNNNN>.ndjson`."""
    return f"{stage_folder(stage, source)}/{name}"
