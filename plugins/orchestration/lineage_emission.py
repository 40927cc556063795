"""Where a run's OpenLineage events go: into the lake, and to an endpoint where one is set."""

import logging
import os
from collections.abc import Sequence

from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde
from openlineage.client.transport.http import HttpConfig, HttpTransport

from orchestration.documents import s3_client, split_uri
from orchestration.plan import Plan

logger = logging.getLogger(__name__)

_API_KEY = "OPENLINEAGE_API_KEY"
"""OpenLineage's own variable for what an endpoint lets its clients in by."""
_TIMEOUT_SECONDS = 5.0


def keep_events(plan: Plan, events: Sequence[RunEvent]) -> None:
    """Write the events as JSON lines beside the domain's other documents, in place of the run's earlier ones."""
    bucket, key = split_uri(plan.uri("metadata", "lineage", plan.domain, f"{plan.run_id}.ndjson"))
    body = "".join(f"{Serde.to_json(event)}\n" for event in events)
    s3_client().put_object(Bucket=bucket, Key=key, Body=body.encode(), ContentType="application/x-ndjson")


def send_events(url: str, events: Sequence[RunEvent]) -> None:
    """Post the events; an endpoint that is down or refuses one is logged, never an error of the run."""
    transport = HttpTransport(HttpConfig.from_dict(_transport(url)))
    try:
        for event in events:
            transport.emit(event)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has done its work
        logger.warning("OpenLineage events did not reach %s: %s", url, type(error).__name__)
    finally:
        transport.close()


def _transport(url: str) -> dict[str, object]:
    retry = {"total": 1, "connect": 1, "read": 1}
    whole: dict[str, object] = {"url": url, "timeout": _TIMEOUT_SECONDS, "retry": retry}
    if key := os.environ.get(_API_KEY):
        whole["auth"] = {"type": "api_key", "apiKey": key}
    return whole
