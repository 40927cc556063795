"""How long the bucket keeps what; the rules are named `lakehouse-…`, any other rule is left alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from lakehouse.storage.bucket.layout import stage_prefixes

PREFIX = "lakehouse-"
Rule = dict[str, Any]

ARCHIVE_INFREQUENT_ACCESS_DAYS = 30
ARCHIVE_GLACIER_DAYS = 90
ARCHIVE_DAYS = 365
TEMPORARY_DAYS = 7
FAILED_DAYS = 30
PROCESSING_DAYS = 7
QUERY_RESULT_DAYS = 7
NONCURRENT_DAYS = 30
"""How long an overwritten or deleted object can be brought back."""
SHORT_LIVED_NONCURRENT_DAYS = 1
ABORT_UPLOAD_DAYS = 7


def rules() -> list[Rule]:
    """The lifecycle rules of the lakehouse."""
    return [
        _archive(),
        _expire("temp/", TEMPORARY_DAYS, SHORT_LIVED_NONCURRENT_DAYS),
        _expire("athena_queries/", QUERY_RESULT_DAYS, SHORT_LIVED_NONCURRENT_DAYS),
        *(_expire(prefix, FAILED_DAYS) for prefix in stage_prefixes("failed")),
        *(_expire(prefix, PROCESSING_DAYS) for prefix in stage_prefixes("processing")),
        _noncurrent_versions(),
    ]


def merged(existing: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Our rules, and those of others as they are."""
    return rules() + [dict(rule) for rule in existing if not str(rule.get("ID", "")).startswith(PREFIX)]


def _rule(name: str, prefix: str, **actions: Any) -> Rule:
    return {"ID": f"{PREFIX}{name}", "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}


def _archive() -> Rule:
    return _rule(
        "raw-archive",
        "raw/archive/",
        Transitions=[
            {"Days": ARCHIVE_INFREQUENT_ACCESS_DAYS, "StorageClass": "STANDARD_IA"},
            {"Days": ARCHIVE_GLACIER_DAYS, "StorageClass": "GLACIER"},
        ],
        Expiration={"Days": ARCHIVE_DAYS},
    )


def _expire(prefix: str, days: int, noncurrent_days: int | None = None) -> Rule:
    shorter = {"NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent_days}} if noncurrent_days else {}
    return _rule(prefix.strip("/").replace("/", "-"), prefix, Expiration={"Days": days}, **shorter)


def _noncurrent_versions() -> Rule:
    return _rule(
        "noncurrent-versions",
        "",
        NoncurrentVersionExpiration={"NoncurrentDays": NONCURRENT_DAYS},
        Expiration={"ExpiredObjectDeleteMarker": True},
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": ABORT_UPLOAD_DAYS},
    )
