"""What a domain's backfills may cost within 24 hours until somebody confirms more."""

from datetime import datetime, timedelta

from lakehouse.operations.estimate import BACKFILL, Estimate, total
from lakehouse.operations.run_ledger import costs_since
from lakehouse.settings import Settings

WINDOW = timedelta(hours=24)


def objection(
    settings: Settings, domain: str, expected: Estimate | None, runs: int, now: datetime
) -> str | None:
    """Why so many runs of a backfill need a confirmation of their cost; None where they need none.

    Raises QueryError.
    """
    budget = settings.backfill_budget_usd
    if not budget:
        return None
    if expected is None:
        return f"there is no estimate, and the budget of backfills is {budget:.2f} USD"
    cost, spent = expected.usd * runs, spent_usd(settings, domain, now)
    if spent + cost <= budget:
        return None
    before = f" and the {spent:.4f} USD of backfills in the 24 hours before" if spent else ""
    return f"{cost:.4f} USD{before} exceed the budget of {budget:.2f} USD"


def spent_usd(settings: Settings, domain: str, now: datetime) -> float:
    """What runs of the domain's backfills that ended within 24 hours have cost; raises QueryError."""
    costs = costs_since(settings, domain, now - WINDOW)
    _, _, usd = total(cost for cost in costs if cost.run_type == BACKFILL)
    return usd
