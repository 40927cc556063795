"""The prefixes of a domain's bucket."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lakehouse import contract
from lakehouse.address import TABLE_LAYERS, bucket_of
from lakehouse.storage.bucket.change import Change, Outcome, record
from lakehouse.storage.bucket.failure import named_failures
from lakehouse.storage.bucket.head import head_if_exists
from lakehouse.storage.bucket.upload import FHIR, TABULAR

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STAGES = ("processing", "failed", "archive")
"""Beside the tables of every layer."""
RAW_STAGES = ("processing", "processed", "failed", "archive")
SHARED = ("scripts", "logs", "metadata", "temp", "rejected", "athena_queries")


def datasets(domain: str) -> list[str]:
    """What is delivered: the tables of bronze, a dataset after those it refers to."""
    return [table.name for table in contract.tables(domain, "bronze")]


def landings(domain: str) -> dict[str, str]:
    """Name → folder in which files of the domain are delivered, of all its datasets."""
    return _landings(contract.tables(domain, "bronze"))


def landings_that_start(domain: str) -> dict[str, str]:
    """Those of `landings` in which a file that arrives may start a run."""
    return _landings(table for table in contract.tables(domain, "bronze") if table.rules.startsRun)


def _landings(delivered: Iterable[contract.Contract]) -> dict[str, str]:
    return {name: folder for table in delivered for name, folder in table.landings.items()}


def suffixes_of(domain: str) -> tuple[str, ...]:
    """Ends of the names of a domain's data files."""
    formats = {table.rules.format for table in contract.tables(domain, "bronze")}
    return FHIR if formats == {"fhir"} else TABULAR


def prefixes(domain: str) -> list[str]:
    """Every prefix of the domain's bucket, each ending in `/`."""
    return [f"{folder}/" for folders in _folders(domain).values() for folder in folders]


def _folders(domain: str) -> dict[str, list[str]]:
    """Layer, or another thing that has a bucket, → its folders."""
    folders = {"raw": [*landings(domain).values(), *(f"raw/{stage}" for stage in RAW_STAGES)]}
    for layer in TABLE_LAYERS:
        tables = [table.address.folder for table in contract.tables(domain, layer)]
        folders[layer] = [*tables, *(f"{layer}/{stage}" for stage in STAGES)]
    return folders | {folder.partition("/")[0]: [folder] for folder in SHARED}


def stage_prefixes(stage: str) -> list[str]:
    """The prefixes of one stage, such as `failed`, in every layer that has it."""
    layers = (*(("raw",) if stage in RAW_STAGES else ()), *(TABLE_LAYERS if stage in STAGES else ()))
    return [f"{layer}/{stage}/" for layer in layers]


def ensure_prefixes(s3: "S3Client", buckets: Mapping[str, str], domain: str) -> list[Change]:
    """Put an empty object in place of every missing prefix, so that it shows; raises BucketError.

    `buckets` maps layer → bucket, `*` standing for every layer not named.
    """
    return [
        record(f"{folder}/", _ensure(s3, bucket_of(layer, buckets), f"{folder}/"))
        for layer, folders in _folders(domain).items()
        for folder in folders
    ]


def _ensure(s3: "S3Client", bucket: str, prefix: str) -> Outcome:
    with named_failures(f"s3://{bucket}/{prefix}"):
        if head_if_exists(s3, bucket, prefix) is None:
            s3.put_object(Bucket=bucket, Key=prefix, Body=b"", ContentType="application/x-directory")
            return "created"
    return "unchanged"
