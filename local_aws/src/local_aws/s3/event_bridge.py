"""Events as S3 sends them to EventBridge: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""

import hashlib
import time
import uuid
from typing import Any

from moto.events.models import events_backends
from moto.s3.models import FakeDeleteMarker
from moto.s3.notifications import _detail_type

from local_aws.identity.access import AccessRequest, current_request

S3 = "s3.amazonaws.com"
CREATED_BY = {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject"}
_OF_NOTHING = hashlib.md5(b"", usedforsecurity=False).hexdigest()


def send_to_event_bridge(account_id: str, bucket: Any, event_name: str, key: Any, sequencer: str) -> None:
    """Send one event to the rules of the bucket's region.

    Args:
        account_id: Of the bucket.
        bucket: With the object.
        event_name: As in a notification configuration: ``s3:ObjectCreated:Put``.
        key: The version that came or went.
        sequencer: Greater for a later event of the same object.
    """
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": _detail_type(event_name),
        "source": "aws.s3",
        "account": account_id,
        "time": time.time(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": _detail(bucket, event_name, key, sequencer),
    }
    for bus in events_backends[account_id][bucket.region_name].event_buses.values():
        for rule in bus.rules.values():
            rule.send_to_targets(event)


def _detail(bucket: Any, event_name: str, key: Any, sequencer: str) -> dict[str, Any]:
    _, kind, what = event_name.split(":")
    described = {"key": key.name}
    if kind == "ObjectCreated":
        described["size"] = key.size
    described["etag"] = _OF_NOTHING if isinstance(key, FakeDeleteMarker) else key.etag.strip('"')
    if bucket.is_versioned:
        described["version-id"] = key.version_id
    if kind != "ObjectTagging":
        described["sequencer"] = sequencer
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": described,
        "request-id": uuid.uuid4().hex[:16].upper(),
        **_asked_by(current_request()),
    }
    if kind == "ObjectCreated":
        detail["reason"] = CREATED_BY.get(what, what)
    if kind in {"ObjectRemoved", "LifecycleExpiration"}:
        detail["reason"] = "DeleteObject" if kind == "ObjectRemoved" else "Lifecycle Expiration"
        detail["deletion-type"] = "Permanently Deleted" if what == "Delete" else "Delete Marker Created"
    return detail


def _asked_by(request: AccessRequest | None) -> dict[str, str]:
    if request is None:
        return {"requester": S3}
    address = request.values("aws:sourceip") or ["127.0.0.1"]
    return {"requester": request.principal.account_id or "anonymous", "source-ip-address": address[0]}
