"""Upload data files to the raw prefix of their dataset; what is already there is not sent again."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from boto3.s3.transfer import TransferConfig

from lakehouse.storage.bucket.failure import BucketError, named_failures
from lakehouse.storage.bucket.head import head_if_exists

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

TABULAR = (".csv", ".csv.gz", ".xlsx")
FHIR = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
"""Ends of the names of files that are found."""
HASH_METADATA = "sha256"
"""Object metadata that holds the content's SHA-256 in hexadecimal."""
PART_BYTES = 8 * 1024 * 1024
TRANSFER = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)

UploadOutcome = Literal["uploaded", "unchanged", "failed"]


@dataclass(frozen=True)
class DataFile:
    """A file and the dataset, or folder of one, that its name or its own folder gives."""

    path: Path
    dataset: str

    @property
    def key(self) -> str:
        return f"raw/{self.dataset}/{self.path.name}"


@dataclass(frozen=True)
class Found:
    """The data files of a directory, and those whose names give no dataset."""

    files: list[DataFile]
    unknown: list[Path]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.path.stat().st_size for file in self.files)


@dataclass(frozen=True)
class Upload:
    """What happened to one file; the reason is empty unless it failed."""

    file: DataFile
    outcome: UploadOutcome
    reason: str = ""


def dataset_of(name: str, datasets: Iterable[str]) -> str | None:
    """The longest dataset that starts the file's name; `Order-Items apr.csv` is order_items."""
    text = re.sub(r"[\s-]", "_", name.lower())
    return max((dataset for dataset in datasets if text.startswith(dataset)), key=len, default=None)


def find(directory: Path, datasets: Sequence[str], suffixes: tuple[str, ...] = TABULAR) -> Found:
    """Every data file below the directory, hidden ones and Office's lock files left out.

    A file's name gives its dataset, or else the name of the folder it is in.

    Raises:
        NotADirectoryError: There is no such directory.
        ValueError: Two different files would become the same object.
    """
    if not directory.is_dir():
        raise NotADirectoryError(f"{directory} is no directory")
    files: dict[str, DataFile] = {}
    unknown = []
    for path in sorted(directory.rglob("*")):
        if (
            not path.name.lower().endswith(suffixes)
            or path.name.startswith((".", "~$"))
            or not path.is_file()
        ):
            continue
        dataset = dataset_of(path.name, datasets) or _folder_of(path, datasets)
        if dataset is None:
            unknown.append(path)
            continue
        file = DataFile(path, dataset)
        first = files.setdefault(file.key, file)
        if first is not file and sha256(first.path) != sha256(path):
            raise ValueError(f"{first.path} and {path} would both become {file.key}: rename one of them")
    return Found(list(files.values()), unknown)


def _folder_of(path: Path, datasets: Sequence[str]) -> str | None:
    return path.parent.name if path.parent.name in datasets else None


def upload(
    s3: "S3Client", bucket: str, files: Iterable[DataFile], on_bytes: Callable[[int], None] = lambda _: None
) -> list[Upload]:
    """Send each file unless its object has the same content; one that fails does not stop the others.

    Args:
        s3: Client of the bucket's region.
        bucket: The bucket.
        files: What `find` found.
        on_bytes: Called with the number of bytes done, from several threads.
    """
    return [_upload(s3, bucket, file, on_bytes) for file in files]


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _upload(s3: "S3Client", bucket: str, file: DataFile, on_bytes: Callable[[int], None]) -> Upload:
    target = f"s3://{bucket}/{file.key}"
    try:
        digest = sha256(file.path)
        with named_failures(target):
            if _stored_hash(s3, bucket, file.key) == digest:
                on_bytes(file.path.stat().st_size)
                return Upload(file, "unchanged")
            with file.path.open("rb") as content:
                extra = {"Metadata": {HASH_METADATA: digest}}
                s3.upload_fileobj(
                    content, bucket, file.key, ExtraArgs=extra, Callback=on_bytes, Config=TRANSFER
                )
    except BucketError as error:
        return Upload(file, "failed", str(error))
    except OSError as error:
        return Upload(
            file, "failed", f"{file.path} could not be read ({error.strerror}); check its permissions"
        )
    logger.info("uploaded %s to %s", file.path, target)
    return Upload(file, "uploaded")


def _stored_hash(s3: "S3Client", bucket: str, key: str) -> str | None:
    head = head_if_exists(s3, bucket, key)
    return None if head is None else head["Metadata"].get(HASH_METADATA)
