"""What a call found and did, for the log and the report."""

import logging
from dataclasses import dataclass
from typing import Literal

logger = logging.getLogger(__name__)

Outcome = Literal["created", "changed", "unchanged"]


@dataclass(frozen=True)
class Change:
    """One part of the bucket and what happened to it."""

    part: str
    outcome: Outcome


def record(part: str, outcome: Outcome) -> Change:
    """Log the change as it happens, so that the log is complete where a later call fails."""
    logger.log(logging.DEBUG if outcome == "unchanged" else logging.INFO, "%s: %s", part, outcome)
    return Change(part, outcome)
