"""Lifecycle rules, carried out when somebody asks, as of any moment: what S3 does once a day on its own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends


@dataclass(frozen=True)
class Removal:
    """What a rule removes: an object (by a delete marker if versions are kept), a version, or an upload."""

    bucket: str
    key: str
    version: str | None = None
    upload: str | None = None
    rule: str = ""


def carry_out(account_id: str, now: datetime) -> list[Removal]:
    """Remove all that the rules of every bucket let expire by ``now``; returns what was removed."""
    backend = s3_backends[account_id]["aws"]
    due = [
        removal
        for bucket in list(backend.buckets.values())
        for rule in bucket.rules or []
        if rule.status == "Enabled"
        for removal in _of_rule(bucket, rule, now)
    ]
    for removal in dict.fromkeys(due):
        if removal.upload:
            backend.abort_multipart_upload(removal.bucket, removal.upload)
        else:
            backend.delete_object(removal.bucket, removal.key, version_id=removal.version)
    return list(dict.fromkeys(due))


def expires_at(since: datetime, days: int) -> datetime:
    """Days after a moment, rounded up to the next midnight UTC, as S3 counts."""
    moment = since.astimezone(UTC) + timedelta(days=days)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == moment else midnight + timedelta(days=1)


def _of_rule(bucket: Any, rule: Any, now: datetime) -> Iterator[Removal]:
    for name, versions in list(dict.items(bucket.keys)):
        if versions and _concerns(rule, bucket, name, versions[-1]):
            yield from _current(bucket.name, rule, name, versions, now)
            yield from _earlier(bucket.name, rule, name, versions, now)
    if rule.aimu_days:
        for upload in list(bucket.multiparts.values()):
            late = expires_at(upload.initiated, int(rule.aimu_days)) <= now
            if late and upload.key_name.startswith(_prefix(rule)):
                yield Removal(bucket.name, upload.key_name, upload=upload.id, rule=rule.id)


def _current(bucket: str, rule: Any, name: str, versions: list[Any], now: datetime) -> Iterator[Removal]:
    newest = versions[-1]
    if isinstance(newest, FakeDeleteMarker):
        lone = len(versions) == 1 and str(rule.expired_object_delete_marker).lower() == "true"
        if lone:
            yield Removal(bucket, name, version=newest.version_id, rule=rule.id)
        return
    by_days = rule.expiration_days and expires_at(_changed(newest), int(rule.expiration_days)) <= now
    by_date = rule.expiration_date and _aware(datetime.fromisoformat(rule.expiration_date)) <= now
    if by_days or by_date:
        yield Removal(bucket, name, rule=rule.id)


def _earlier(bucket: str, rule: Any, name: str, versions: list[Any], now: datetime) -> Iterator[Removal]:
    """Noncurrent versions, whose days count from the version that came after."""
    if not rule.nve_noncurrent_days:
        return
    for old, following in pairwise(versions):
        if expires_at(_changed(following), int(rule.nve_noncurrent_days)) <= now:
            yield Removal(bucket, name, version=old.version_id, rule=rule.id)


def _concerns(rule: Any, bucket: Any, name: str, newest: Any) -> bool:
    wanted = _tags(rule)
    if wanted:
        if isinstance(newest, FakeDeleteMarker):
            return False
        backend = s3_backends[bucket.account_id]["aws"]
        given = backend.tagger.get_tag_dict_for_resource(newest.arn)
        if any(given.get(key) != value for key, value in wanted.items()):
            return False
    return name.startswith(_prefix(rule))


def _prefix(rule: Any) -> str:
    if rule.filter is None:
        return rule.prefix or ""
    combined = rule.filter.and_filter
    return (combined.prefix if combined else rule.filter.prefix) or ""


def _tags(rule: Any) -> dict[str, str]:
    if rule.filter is None:
        return {}
    if rule.filter.and_filter:
        return dict(rule.filter.and_filter.tags or {})
    return {rule.filter.tag_key: rule.filter.tag_value} if rule.filter.tag_key else {}


def _changed(version: Any) -> datetime:
    return _aware(version.last_modified)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
