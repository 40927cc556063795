"""A rule that delivers what it matches."""

import copy
import logging
import time
from datetime import UTC, datetime
from typing import Any

from moto.events import models
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from local_aws.events.target_input import target_input
from local_aws.lambda_runs import send_event

LOG = logging.getLogger(__name__)
OWN_TARGETS = {"sqs", "sns", "logs", "lambda"}


class DeliveringRule(models.Rule):  # type: ignore[misc]
    """One rule; moto's knows no topics, leaves out the account and fails the caller when a target fails."""

    def send_to_targets(
        self,
        original_event: dict[str, Any],
        transform_input: bool = True,  # noqa: ARG002 - events of S3 are transformed like all others
    ) -> None:
        """Deliver an event that matches to each target; one that fails keeps it from no other."""
        if not self._concerns(original_event):
            return
        event = as_delivered(original_event)
        for target in self.targets:
            try:
                self._deliver(target, event, original_event)
            except Exception:
                LOG.exception("Rule %s could not reach %s", self.name, target["Arn"])

    def _concerns(self, event: dict[str, Any]) -> bool:
        # To moto a rule that has only a schedule matches all.
        if self.state != "ENABLED" or not self.event_pattern.get_pattern():
            return False
        return bool(self.event_pattern.matches_event(event))

    def _deliver(self, target: dict[str, Any], event: dict[str, Any], original: dict[str, Any]) -> None:
        arn = parse_arn(target["Arn"])
        if arn.service not in OWN_TARGETS:
            self._as_moto_does(target, original)
            return
        text = target_input(target, event, self.name, self.arn)
        if arn.service == "sqs":
            group = (target.get("SqsParameters") or {}).get("MessageGroupId")
            sqs_backends[arn.account][arn.region].send_message(arn.resource_id, text, group_id=group)
        elif arn.service == "sns":
            sns_backends[arn.account][arn.region].publish(text, arn=target["Arn"])
        elif arn.service == "lambda":
            send_event(arn.account, arn.region, target["Arn"], text)
        else:
            self._log(arn, event["id"], text)

    def _log(self, arn: Any, stream: str, text: str) -> None:
        backend, group = logs_backends[arn.account][arn.region], arn.resource_id.removesuffix(":*")
        backend.ensure_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": text}])

    def _as_moto_does(self, target: dict[str, Any], original: dict[str, Any]) -> None:
        alone = copy.copy(self)
        alone.targets = [target]
        super(DeliveringRule, alone).send_to_targets({"ingestion-time": time.time(), **original})


def as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    """An event as targets see it: with a readable time, without moto's own members."""
    seen = {name: value for name, value in event.items() if name != "ingestion-time"}
    if not isinstance(seen["time"], str):
        seen["time"] = f"{datetime.fromtimestamp(float(seen['time']), UTC):%Y-%m-%dT%H:%M:%SZ}"
    return seen
