"""The deadline of a domain's runs: when gold becomes late by its contracts, Airflow tells, whatever the run does."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from lakehouse.contract import tables
from orchestration.lateness import Lateness, lateness
from orchestration.notification import publish

_LONGEST_WAIT = timedelta(hours=1)
"""By so much the newest publication may have come after its run was due; what comes later, `freshness` finds."""


def deadline(domain: str) -> DeadlineAlert | None:
    """The deadline alert of a domain's DAG; None where no table of gold promises a `latency`.

    A run by the clock covers the interval since the run before it was due, its logical date: gold of that run becomes
    late `latency` after it was published, which is a little after the deadline. Other runs have no logical date.
    """
    latencies = [contract.latency for contract in tables(domain, "gold") if contract.latency is not None]
    if not latencies:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=min(latencies),
        callback=AsyncCallback(tell_when_late, kwargs={"domain": domain}),
    )


async def tell_when_late(domain: str, context: Mapping[str, Any]) -> None:
    """Wait for the moment at which gold is late, and tell so unless it was published meanwhile.

    Runs in the triggerer. Tells as the DAG `freshness` does, and of the same lateness only one of the two.
    """
    found = await asyncio.to_thread(lateness, domain, datetime.now(UTC))
    if found is not None and timedelta() <= (left := _left(found)) <= _LONGEST_WAIT:
        await asyncio.sleep(left.total_seconds() + 1)
        found = await asyncio.to_thread(lateness, domain, datetime.now(UTC))
    if found is not None and found.late:
        run, due = context["dag_run"]["dag_run_id"], context["deadline"]["deadline_time"]
        where = f"Where: DAG {domain}, run {run}, whose deadline was {due:%Y-%m-%d %H:%M:%S} UTC"
        await asyncio.to_thread(found.tell, lambda subject, what: _publish(subject, [what, where]))


def _left(found: Lateness) -> timedelta:
    """Time until the first table is late; negative afterwards."""
    return min(one.latency - one.age for one in found.tables)


def _publish(subject: str, lines: list[str]) -> None:
    publish(alert="delays", runbook="gold_late", subject=subject, lines=lines)
