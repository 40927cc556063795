"""Resources of a test, and how they are delivered."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.lakehouse.steps.lake import Lake

type Resource = Mapping[str, Any]

SILVER = (
    "resource",
    "patient",
    "encounter",
    "condition",
    "observation",
    "procedure",
    "coverage",
    "organization",
    "location",
)
ANY_SHARE = {"rejected_share_limit": 1.0}


def patient(
    number: int | str, version: int | None = None, at: str | None = None, **members: Any
) -> dict[str, Any]:
    """A Patient; `at` is when the version was made."""
    return {"resourceType": "Patient", "id": f"p{number}", **meta(version, at), **members}


def encounter(
    number: int | str, of: str, version: int | None = None, at: str | None = None, **members: Any
) -> dict[str, Any]:
    """An inpatient Encounter of a patient."""
    return {
        "resourceType": "Encounter",
        "id": f"e{number}",
        **meta(version, at),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{of}"},
        **members,
    }


def meta(version: int | None, at: str | None) -> dict[str, Any]:
    """The member `meta`, where there is anything to say in it."""
    told = {"versionId": str(version) if version else None, "lastUpdated": at}
    return {"meta": {name: text for name, text in told.items() if text}} if any(told.values()) else {}


def deletion(kind: str, key: str, at: str | None = None) -> dict[str, Any]:
    """An entry of a Bundle that deletes a resource."""
    entry: dict[str, Any] = {"request": {"method": "DELETE", "url": f"{kind}/{key}"}}
    return {**entry, "response": {"status": "204", "lastModified": at}} if at else entry


def bundle(*resources_or_entries: Resource, kind: str = "collection", **members: Any) -> bytes:
    """A Bundle of resources, and of entries as they are."""
    entries = [{"resource": r} if "resourceType" in r else dict(r) for r in resources_or_entries]
    return json.dumps({"resourceType": "Bundle", "type": kind, **members, "entry": entries}).encode()


def lines(*resources: Resource) -> bytes:
    """NDJSON."""
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def packed(content: bytes) -> bytes:
    """Gzip, the same bytes each time."""
    return gzip.compress(content, mtime=0)


def to_silver(lake: Lake, run_id: str, **options: Any) -> dict[str, dict[str, Any]]:
    """Candidate and publication of bronze and silver; returns the candidates."""
    run = lake.a_run(run_id, **{**ANY_SHARE, **options})
    made = {}
    for layer in ("bronze", "silver"):
        made[layer] = lake.candidate(layer, run)
        lake.publish(layer, run)
    return made


def rules(lake: Lake, table: str) -> list[tuple[str, str]]:
    """Category and rule of each rejected row, in order."""
    rows: Iterable[Any] = lake.table(f"rejected.{table}").collect()
    return sorted((row["category"], row["rule"]) for row in rows)
