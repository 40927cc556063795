"""A queue that keeps its policy when other attributes are set, and tells its redrive policy as AWS does."""

import json
import time
from typing import Any

from moto.sqs import models


class LastingQueue(models.Queue):  # type: ignore[misc]
    """One queue; moto forgets the policy whenever attributes are set without one."""

    def _set_attributes(self, attributes: dict[str, Any], now: float | None = None) -> None:
        policy = getattr(self, "policy", None)
        super()._set_attributes(attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    @property
    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = super().attributes
        if found.get("RedrivePolicy"):
            # Without blanks: clients compare the text with what they sent.
            found["RedrivePolicy"] = json.dumps(json.loads(found["RedrivePolicy"]), separators=(",", ":"))
        return found

    def add_message(self, message: models.Message) -> None:
        # When it was sent says less: a message that moves to a dead-letter queue is young there.
        message.entered_at = time.time()
        super().add_message(message)
