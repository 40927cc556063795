"""Events that a service itself sends."""

import json
import logging
from typing import Any

from moto.events.models import events_backends

LOG = logging.getLogger(__name__)


def put_event(
    account_id: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]
) -> None:
    """Put an event on the default bus; the service goes on whatever befalls the event."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": resources,
    }
    try:
        events_backends[account_id][region].put_events([entry])
    except Exception:
        LOG.exception("An event of %s was not put", source)
