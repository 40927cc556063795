"""Files of the sources that a domain's tables do not hold any more, or not yet: they are delivered again."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import boto3

from lakehouse.address import bucket_of
from lakehouse.contract import Contract, tables
from lakehouse.storage.documents import DocumentNotFoundError, listed, read_document
from lakehouse.storage.objects.paths import split_uri

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_SHELVES = ("archive", "failed", "processed")


@dataclass(frozen=True)
class Delivery:
    """A version of an object, and where it is to be delivered."""

    bucket: str
    key: str
    version_id: str | None
    """None for the newest."""
    target: str
    """Key in the same bucket."""
    etag: str
    at: datetime
    """When it was delivered, or put away."""


def put_away_since(buckets: Mapping[str, str], domain: str, since: datetime) -> list[Delivery]:
    """What was in a landing folder and was deleted since then, and what was archived since then; oldest first.

    A file is named once, by its content.
    """
    bucket = bucket_of("raw", buckets)
    found: dict[tuple[str, str], Delivery] = {}
    for contract in tables(domain, "bronze"):
        archived = _archived(bucket, contract, lambda entry: entry["LastModified"] >= since)
        for delivery in (*_deleted(bucket, contract, since), *archived):
            found.setdefault((contract.name, delivery.etag), delivery)
    return sorted(found.values(), key=lambda delivery: delivery.at)


def deliver_again(deliveries: list[Delivery]) -> None:
    """Put files where their source put them, in order, no two within a second: that is how exactly S3 tells the time.

    What has a version of its own is judged by that; else the file counts as delivered now.
    """
    for position, one in enumerate(deliveries):
        if position:
            time.sleep(1)
        source = {"Bucket": one.bucket, "Key": one.key} | (
            {"VersionId": one.version_id} if one.version_id else {}
        )
        boto3.client("s3").copy(source, one.bucket, one.target)  # type: ignore[arg-type]


def copy_shelves(domain: str, source: Mapping[str, str], target: Mapping[str, str]) -> int:
    """Copy what waits and what was put away, unless something of that name is there; returns how many objects."""
    there, here = bucket_of("raw", source), bucket_of("raw", target)
    folders = [folder for contract in tables(domain, "bronze") for folder in contract.landings.values()]
    folders += [f"raw/{shelf}/{contract.name}" for contract in tables(domain, "bronze") for shelf in _SHELVES]
    copied = 0
    for folder in folders:
        known = {entry["Key"] for entry in listed(f"s3://{here}/{folder}/")}
        for entry in listed(f"s3://{there}/{folder}/"):
            if entry["Key"] not in known:
                boto3.client("s3").copy({"Bucket": there, "Key": entry["Key"]}, here, entry["Key"])
                copied += 1
    return copied


def archived_only_in(domain: str, here: Mapping[str, str], there: Mapping[str, str]) -> list[Delivery]:
    """What the archive of `here` has and that of `there` lacks; oldest first."""
    bucket, other = bucket_of("raw", here), bucket_of("raw", there)
    found = [
        one for contract in tables(domain, "bronze") for one in _archived_only_in(bucket, other, contract)
    ]
    return sorted(found, key=lambda delivery: delivery.at)


def _archived_only_in(bucket: str, other: str, contract: Contract) -> Iterator[Delivery]:
    known = {entry["Key"] for entry in listed(f"s3://{other}/raw/archive/{contract.name}/")}
    return _archived(bucket, contract, lambda entry: entry["Key"] not in known)


def _deleted(bucket: str, contract: Contract, since: datetime) -> Iterator[Delivery]:
    for folder in contract.landings.values():
        pages = boto3.client("s3").get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, Prefix=f"{folder}/"):
            gone = {
                m["Key"]
                for m in page.get("DeleteMarkers", ())
                if m["IsLatest"] and m["LastModified"] >= since
            }
            newest = {}
            for version in sorted(page.get("Versions", ()), key=lambda version: version["LastModified"]):
                newest[version["Key"]] = version
            for key in gone & newest.keys():
                version = newest[key]
                yield Delivery(
                    bucket, key, version["VersionId"], key, version["ETag"], version["LastModified"]
                )


def _archived(
    bucket: str, contract: Contract, wanted: "Callable[[ObjectTypeDef], bool]"
) -> Iterator[Delivery]:
    """The archived files that are wanted; the records of the others, of years, are not read."""
    for entry in filter(wanted, listed(f"s3://{bucket}/raw/archive/{contract.name}/")):
        if not entry["Key"].endswith("/"):
            target = _delivered_as(bucket, contract, entry["Key"])
            yield Delivery(bucket, entry["Key"], None, target, entry["ETag"], entry["LastModified"])


def _delivered_as(bucket: str, contract: Contract, key: str) -> str:
    """The key under which an archived file was delivered, as its record says; by its name where there is none."""
    digest, name = key.split("/")[-2:]
    try:
        record = read_document(f"s3://{bucket}/raw/processed/{contract.name}/{digest}.json")
    except DocumentNotFoundError:
        return f"{next(iter(contract.landings.values()))}/{name}"
    return split_uri(record["uri"])[1]
