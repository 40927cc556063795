"""The OpenLineage events that runs left in the lake, read back for one table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from lakehouse.address import Address, bucket_of
from lakehouse.settings import Settings
from lakehouse.storage.documents import listed


@dataclass(frozen=True)
class Dataset:
    """A table or a folder of deliveries, by its URI; `version` is Delta's, None where there is none."""

    uri: str
    version: str | None


@dataclass(frozen=True)
class TableRun:
    """How a table was made last."""

    run_id: str
    """Of Airflow, as S3 keys have it."""
    ended: str
    """ISO 8601."""
    state: str
    """COMPLETE or FAIL."""
    inputs: list[Dataset]
    output: Dataset


def last_run(settings: Settings, address: Address) -> TableRun | None:
    """The newest run whose events name the table as an output; None where no events are kept."""
    buckets = settings.buckets(address.domain)
    bucket, prefix = bucket_of("metadata", buckets), f"metadata/lineage/{address.domain}/"
    s3 = boto3.client("s3", region_name=settings.region)
    entries = listed(f"s3://{bucket}/{prefix}")
    for entry in sorted(entries, key=lambda entry: entry["LastModified"], reverse=True):
        lines = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().splitlines()
        run_id = entry["Key"].removeprefix(prefix).removesuffix(".ndjson")
        if found := _run_of(address.uri(buckets), run_id, map(json.loads, lines)):
            return found
    return None


def _run_of(uri: str, run_id: str, events: Iterable[Mapping[str, Any]]) -> TableRun | None:
    for event in events:
        made = {dataset.uri: dataset for dataset in map(_dataset, event.get("outputs", []))}
        if uri in made:
            inputs = [_dataset(one) for one in event.get("inputs", [])]
            return TableRun(run_id, event["eventTime"], event["eventType"], inputs, made[uri])
    return None


def _dataset(told: Mapping[str, Any]) -> Dataset:
    version = told.get("facets", {}).get("version", {}).get("datasetVersion")
    return Dataset(f"{told['namespace']}/{told['name']}", version)
