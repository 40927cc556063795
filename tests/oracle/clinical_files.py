"""Read delivered FHIR files and decide what holds: of every resource the latest version, unless it was deleted."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.oracle.clinical_times import Moment, moment

Resource = dict[str, Any]

TYPES = {
    "Patient", "Encounter", "Condition", "Observation", "Procedure", "Coverage", "Organization", "Location",
}  # fmt: skip
SUBJECTS = {
    "Encounter": "subject", "Condition": "subject", "Observation": "subject", "Procedure": "subject",
    "Coverage": "beneficiary",
}  # fmt: skip
DATES = {
    "Patient": ("birthDate", "deceasedDateTime"),
    "Encounter": ("period.start", "period.end"),
    "Condition": ("onsetDateTime", "recordedDate"),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant"),
    "Procedure": ("performedDateTime", "performedPeriod.start", "performedPeriod.end"),
    "Coverage": ("period.start", "period.end"),
}
WHEN_DELIVERED = datetime.max.replace(tzinfo=UTC)
"""The time of a version that does not tell it: data are delivered after they were written."""


@dataclass(frozen=True)
class Version:
    """A version of a resource, or its deletion; `place` is the file and the line or entry, from 1."""

    key: tuple[str, str]
    updated: datetime
    number: int
    resource: Resource | None
    place: tuple[str, int]


@dataclass(frozen=True)
class Rejected:
    """What is not taken, and why; a file as a whole has no position."""

    rule: str
    file: str
    position: int | None = None


@dataclass(frozen=True)
class Delivered:
    """The resources that hold, by type and id, and what was rejected."""

    resources: dict[tuple[str, str], Resource]
    rejected: list[Rejected]

    def of(self, resource_type: str) -> dict[str, Resource]:
        """The resources of a type by id."""
        return {key[1]: resource for key, resource in self.resources.items() if key[0] == resource_type}


def read(paths: Iterable[Path], root: Path) -> Delivered:
    """Read files, in any order; names of files are relative to the root."""
    versions: list[Version] = []
    rejected: list[Rejected] = []
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        try:
            for position, entry in enumerate(_entries(path), start=1):
                version = _version(entry, (name, position))
                if isinstance(version, Version):
                    versions.append(version)
                else:
                    rejected.append(version)
        except (ValueError, KeyError):
            rejected.append(Rejected("unreadable", name))
    known = {version.key for version in versions}
    accepted = []
    for version in versions:
        if rule := _dangling(version, known):
            rejected.append(Rejected(rule, *version.place))
        else:
            accepted.append(version)
    return Delivered(_latest(accepted), rejected)


def at(resource: Resource, path: str) -> Any:
    """What is at a path of names, or None."""
    value: Any = resource
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def moment_at(resource: Resource, *paths: str) -> Moment | None:
    """The date or time at the first path that has one."""
    return next((found for path in paths if (found := moment(at(resource, path)))), None)


def referred_id(reference: Resource | None) -> str | None:
    """The id that a literal reference ends in."""
    text = (reference or {}).get("reference")
    return text.rpartition("/")[2] if text else None


def _entries(path: Path) -> Iterator[Resource | None]:
    """Each resource as an entry of a Bundle; None where a line is no JSON."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    if ".ndjson" in path.name:
        for line in text.splitlines():
            try:
                yield {"resource": json.loads(line)}
            except ValueError:
                yield None
        return
    content = json.loads(text)
    if isinstance(content, list):
        yield from ({"resource": resource} for resource in content)
    elif content["resourceType"] == "Bundle":
        yield from ({"timestamp": content.get("timestamp"), **entry} for entry in content.get("entry", ()))
    else:
        yield {"resource": content}


def _version(entry: Resource | None, place: tuple[str, int]) -> Version | Rejected:
    if entry is None:
        return Rejected("malformed", *place)
    if at(entry, "request.method") == "DELETE":
        resource_type, resource_id = entry["request"]["url"].split("/")[-2:]
        updated = moment(at(entry, "response.lastModified") or entry["timestamp"])
        deleted = updated.instant if updated else WHEN_DELIVERED
        return Version((resource_type, resource_id), deleted, 0, None, place)
    resource = entry["resource"]
    if rule := _fault(resource):
        return Rejected(rule, *place)
    updated = moment(at(resource, "meta.lastUpdated"))
    return Version(
        key=(resource["resourceType"], resource["id"]),
        updated=updated.instant if updated else WHEN_DELIVERED,
        number=int(at(resource, "meta.versionId") or 0),
        resource=resource,
        place=place,
    )


def _fault(resource: Resource) -> str | None:
    resource_type = resource.get("resourceType")
    if resource_type not in TYPES:
        return "unknown:resource_type"
    try:
        for path in DATES.get(resource_type, ()):
            moment(at(resource, path))
    except ValueError:
        return "type"
    subject = SUBJECTS.get(resource_type)
    if subject and not referred_id(resource.get(subject)):
        return "required:patient_id"
    start, end = moment_at(resource, "period.start"), moment_at(resource, "period.end")
    if resource_type == "Encounter" and start and end and end.ends_before(start):
        return "period:encounter"
    return None


def _dangling(version: Version, known: set[tuple[str, str]]) -> str | None:
    subject = SUBJECTS.get(version.key[0])
    if version.resource is None or subject is None:
        return None
    patient_id = referred_id(version.resource[subject])
    return None if ("Patient", patient_id) in known else "reference:patient_id"


def _latest(versions: list[Version]) -> dict[tuple[str, str], Resource]:
    ordered = sorted(versions, key=lambda one: (one.updated, one.number, one.resource is None))
    latest = {version.key: version for version in ordered}
    return {key: version.resource for key, version in latest.items() if version.resource is not None}
