"""Replication rules, as a bucket keeps them: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

ENABLED = "Enabled"


@dataclass(frozen=True)
class ReplicationRule:
    """One rule of a bucket.

    Attributes:
        destination: Name of the bucket of the copies.
        prefix: Of the names that it concerns.
        tags: That an object must have, all of them.
        priority: Of rules with one destination the highest counts.
        delete_markers: Whether deleting an object deletes its copy.
        encrypted: Whether objects that are encrypted by a key of KMS are copied.
        storage_class: Of the copies; None for that of the object.
        kms_key_id: Encrypts the copies.
    """

    destination: str
    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    priority: int = 1
    delete_markers: bool = False
    encrypted: bool = False
    storage_class: str | None = None
    kms_key_id: str | None = None

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Self:
        """Read a rule of the XML document."""
        destination, filters = rule["Destination"], rule.get("Filter") or {}
        both = filters.get("And") or filters
        tags = both.get("Tag") or []
        selection = rule.get("SourceSelectionCriteria") or {}
        return cls(
            destination["Bucket"].rpartition(":")[2],
            both.get("Prefix") or rule.get("Prefix") or "",
            {tag["Key"]: tag.get("Value") or "" for tag in (tags if isinstance(tags, list) else [tags])},
            int(rule.get("Priority", 1)),
            _is_enabled(rule.get("DeleteMarkerReplication")),
            _is_enabled(selection.get("SseKmsEncryptedObjects")),
            destination.get("StorageClass"),
            (destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID"),
        )

    def concerns(self, name: str, tags: Mapping[str, str]) -> bool:
        """Whether the filter lets an object through."""
        return name.startswith(self.prefix) and self.tags.items() <= tags.items()


def enabled_rules(bucket: Any) -> list[ReplicationRule]:
    """A bucket's rules that are in force, the highest priority first."""
    configuration = getattr(bucket, "replication", None) or {"Rule": []}
    rules = [ReplicationRule.of(rule) for rule in configuration["Rule"] if rule["Status"] == ENABLED]
    return sorted(rules, key=lambda rule: -rule.priority)


def described(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as ``GetBucketReplication`` answers it."""
    answer = dict(rule)
    if filters := answer.get("Filter"):
        answer["Filter"] = dict(filters)
        if both := filters.get("And"):
            tags = both.get("Tag") or []
            named = {name: value for name, value in both.items() if name != "Tag"}
            answer["Filter"]["And"] = {**named, "Tags": tags if isinstance(tags, list) else [tags]}
    elif "Filter" in answer:
        answer["Filter"] = {"Prefix": ""}
    return answer


def _is_enabled(element: Mapping[str, Any] | None) -> bool:
    return (element or {}).get("Status") == ENABLED
