"""Event records as S3 delivers them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html."""

import itertools
import json
import logging
import time
import uuid
from typing import Any
from urllib.parse import quote_plus

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.s3 import notifications
from moto.s3.notifications import S3NotificationEvent

from local_aws.identity.access import current_request
from local_aws.lambda_runs import send_event

LOG = logging.getLogger(__name__)
_SEQUENCE = itertools.count(time.time_ns())
_ANNOUNCE = notifications.send_event
_BY_LIFECYCLE = {
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: S3NotificationEvent.LIFECYCLEEXPIRATION_DELETE_EVENT,
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: (
        S3NotificationEvent.LIFECYCLE_EXPIRATION_DELETE_MARKER_CREATED_EVENT
    ),
}


def announce(account_id: str, event_name: S3NotificationEvent, bucket: Any, key: Any) -> None:
    """Announce an event where moto does; what it announces of removals and of tags that a put brings is left out."""
    request = current_request()
    by_put = request is not None and "Tagging" not in request.action
    is_wrong = (
        by_put if event_name == S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT else event_name in _BY_LIFECYCLE
    )
    if not is_wrong:
        _ANNOUNCE(account_id, event_name, bucket, key)


def announce_removal(account_id: str, bucket: Any, gone: Any, *, by_marker: bool) -> None:
    """Announce that a version is gone, or hidden by a delete marker; without a request it was the lifecycle."""
    event_name = (
        S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        if by_marker
        else S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
    )
    if current_request() is None:
        event_name = _BY_LIFECYCLE[event_name]
    _ANNOUNCE(account_id, event_name, bucket, gone)


def s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, list[dict[str, Any]]]:
    """Build the message of one event; ``event_name`` is as in a configuration (``s3:ObjectCreated:Put``)."""
    request = current_request()
    caller = request.principal if request else None
    address = (request.values("aws:sourceip") if request else None) or ["127.0.0.1"]
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": iso_8601_datetime_with_milliseconds(),
        "eventName": event_name.removeprefix("s3:"),
        "userIdentity": {"principalId": f"AWS:{caller.user_id}" if caller else "AWS:unknown"},
        "requestParameters": {"sourceIPAddress": address[0]},
        "responseElements": {
            "x-amz-request-id": uuid.uuid4().hex[:16].upper(),
            "x-amz-id-2": uuid.uuid4().hex,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": bucket.account_id},
                "arn": bucket.arn,
            },
            "object": _object(event_name, bucket, key),
        },
    }
    return {"Records": [record]}


def _object(event_name: str, bucket: Any, key: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"key": quote_plus(key.name, safe="/")}
    if "ObjectCreated" in event_name:
        described |= {"size": key.size, "eTag": key.etag.strip('"')}
    if bucket.is_versioned:
        described["versionId"] = key.version_id
    return described | {"sequencer": next_sequencer()}


def next_sequencer() -> str:
    """Greater for a later event of the same object, compared as hexadecimal text of equal length."""
    return f"{next(_SEQUENCE):018X}"


def to_event_bridge(account_id: str, bucket: Any, event_name: S3NotificationEvent, key: Any) -> None:
    """Send an event to EventBridge, which nobody waits for; S3 goes on whatever befalls it."""
    from local_aws.s3.event_bridge import send_to_event_bridge  # noqa: PLC0415 - only who has asked for it loads it

    try:
        send_to_event_bridge(account_id, bucket, event_name.value, key, next_sequencer())
    except Exception:
        LOG.exception("An event of S3 did not reach EventBridge")


def invoke_function(account_id: str, event: Any, function_arn: str, region: str) -> None:
    """Hand an event to a function of Lambda, which nobody waits for; S3 goes on whatever befalls it."""
    try:
        send_event(account_id, region, function_arn, json.dumps(event))
    except Exception:
        LOG.exception("An event of S3 did not reach %s", function_arn)
