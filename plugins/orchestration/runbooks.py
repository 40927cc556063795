"""The runbooks of Airflow's alerts: pages of docs/runbooks/, which every message links."""

from typing import Literal

type Runbook = Literal[
    "check_failed", "files_unreadable", "gate_closed", "gate_warned", "gold_late", "task_failed"
]
PLACE = "docs/runbooks"
"""Of the pages in the repository; where `[lakehouse] runbooks_url` is set, they are read there."""


def runbook_link(page: Runbook, base_url: str) -> str:
    """Where to read what to do."""
    return f"{base_url.rstrip('/') or PLACE}/{page}.md"
