"""A domain's copy in another region: up to which run it is whole, and how it takes the place of the first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse.address import Address, bucket_of
from lakehouse.contract import stored_tables
from lakehouse.operations.manifests import Manifest, kept_manifests
from lakehouse.storage import replica
from lakehouse.storage.documents import read_document, write_document

_FENCE = "LakehouseFailover"

type Buckets = Mapping[str, str]
"""Layer → bucket, as settings have them."""


@dataclass(frozen=True)
class Copy:
    """One manifest, and what its tables lack in the replica."""

    manifest: Manifest
    missing: dict[Address, list[str]]
    """Tables that cannot be read yet."""


def copies(buckets: Buckets, domain: str) -> Iterator[Copy]:
    """The manifests that the buckets hold, the newest first, until one is whole."""
    for manifest in kept_manifests(buckets, domain):
        lacks = {one.address: replica.missing(one.uri, one.version) for one in manifest.tables}
        found = Copy(manifest, {address: names for address, names in lacks.items() if names})
        yield found
        if not found.missing:
            return


def entries_after(buckets: Buckets, manifest: Manifest) -> dict[Address, int]:
    """Table → entries of its log that are newer than the manifest; those without any are left out."""
    later = {
        address: len(replica.later_entries(address.uri(buckets), version))
        for address, version in _versions(manifest).items()
    }
    return {address: count for address, count in later.items() if count}


def go_to(buckets: Buckets, manifest: Manifest) -> None:
    """Make the versions of a manifest the newest of every table, and the manifest the latest that there is."""
    for address, version in _versions(manifest).items():
        replica.cut(address.uri(buckets), version)
    folder = _manifests(buckets, manifest.domain)
    later = takewhile(lambda one: one.run_id != manifest.run_id, kept_manifests(buckets, manifest.domain))
    replica.delete(folder, [f"{one.run_id}.json" for one in later])
    write_document(f"{folder}/latest.json", read_document(f"{folder}/{manifest.run_id}.json"))


def mirror_tables(domain: str, source: Buckets, target: Buckets) -> dict[Address, int]:
    """Make a domain's tables and manifests of `target` those of `source`; table → objects copied."""
    copied = {
        address: replica.mirror(address.uri(source), address.uri(target))
        for address, _ in stored_tables(domain)
    }
    _, only_there = replica.copy_differing(_manifests(source, domain), _manifests(target, domain))
    replica.delete(_manifests(target, domain), only_there)
    return copied


def fence(buckets: Buckets) -> None:
    """Let nothing more be replicated into the buckets: a late commit would lie over one that was made here."""
    for bucket in sorted(set(buckets.values())):
        statements = [*_other_statements(bucket), _fence_of(bucket)]
        _put_policy(bucket, statements)


def lift_fence(buckets: Buckets) -> None:
    """Let the buckets be replicated into again."""
    for bucket in sorted(set(buckets.values())):
        if statements := _other_statements(bucket):
            _put_policy(bucket, statements)
        else:
            boto3.client("s3").delete_bucket_policy(Bucket=bucket)


def _versions(manifest: Manifest) -> dict[Address, int | None]:
    """Every table that the domain stores; None where the manifest knows of none."""
    named: dict[Address, int | None] = {address: None for address, _ in stored_tables(manifest.domain)}
    return named | {one.address: one.version for one in manifest.tables}


def _manifests(buckets: Buckets, domain: str) -> str:
    return f"s3://{bucket_of('metadata', buckets)}/metadata/manifests/{domain}"


def _fence_of(bucket: str) -> dict[str, Any]:
    return {
        "Sid": _FENCE,
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def _other_statements(bucket: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(boto3.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return []
        raise
    return [statement for statement in policy["Statement"] if statement.get("Sid") != _FENCE]


def _put_policy(bucket: str, statements: list[dict[str, Any]]) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
