"""The publish manifests that runs left in the bucket: which versions of a domain's tables belong together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakehouse.address import Address, bucket_of
from lakehouse.settings import Settings
from lakehouse.storage.documents import DocumentNotFoundError, listed, read_document


class NoManifestError(LookupError):
    """There is no manifest; the message says what to do next."""


@dataclass(frozen=True)
class Version:
    """One table of a manifest."""

    address: Address
    version: int
    uri: str


@dataclass(frozen=True)
class Manifest:
    """Tables in the order of the flow."""

    domain: str
    run_id: str
    published_at: datetime
    tables: list[Version]


def read_manifest(settings: Settings, domain: str, run_id: str | None = None) -> Manifest:
    """The manifest of a run, by default the latest; raises NoManifestError."""
    buckets = settings.buckets(domain)
    uri = f"s3://{bucket_of('metadata', buckets)}/metadata/manifests/{domain}/{run_id or 'latest'}.json"
    try:
        found = read_document(uri)
    except DocumentNotFoundError:
        who = f"run {run_id} wrote none" if run_id else "no run has published every table of gold yet"
        raise NoManifestError(f"there is no {uri}: {who}; start one with `lakehouse run {domain}`") from None
    return _manifest(found, buckets)


def manifest_at(settings: Settings, domain: str, moment: datetime) -> Manifest:
    """The newest manifest that was written until a moment; raises NoManifestError."""
    kept = kept_manifests(settings.buckets(domain), domain)
    found = next((manifest for manifest in kept if manifest.published_at <= moment), None)
    if found is None:
        raise NoManifestError(f"no run of {domain} had published every table of gold until {moment}")
    return found


def _manifest(found: Mapping[str, Any], buckets: Mapping[str, str]) -> Manifest:
    tables = [
        Version(address := Address.parse(text), version, address.uri(buckets))
        for text, version in found["tables"].items()
    ]
    return Manifest(found["domain"], found["run_id"], datetime.fromisoformat(found["published_at"]), tables)


def kept_manifests(buckets: Mapping[str, str], domain: str) -> Iterator[Manifest]:
    """Every manifest of a domain that its bucket keeps, the newest first."""
    bucket, folder = bucket_of("metadata", buckets), f"metadata/manifests/{domain}/"
    written = {
        entry["Key"]: entry["LastModified"]
        for entry in listed(f"s3://{bucket}/{folder}")
        if not entry["Key"].endswith(("/latest.json", "/"))
    }
    for key in sorted(written, key=lambda key: written[key], reverse=True):
        yield _manifest(read_document(f"s3://{bucket}/{key}"), buckets)
