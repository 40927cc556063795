"""The budget of backfills, held by each of their runs: Airflow's UI and API know nothing of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from lakehouse.operations.backfill_budget import objection
from lakehouse.operations.estimate import BACKFILL, estimate
from lakehouse.operations.run_ledger import recent_costs
from lakehouse.settings import Settings


def require_budget(domain: str, params: Mapping[str, Any], run: Any, settings: Settings) -> None:
    """Let a run of a backfill go on only while the domain's backfills keep to the budget, or its cost is confirmed.

    Raises:
        AirflowFailException: It would exceed the budget, or nothing tells what it will cost.
        QueryError: The run ledger cannot be read.
    """
    if run.run_type != BACKFILL or params.get("confirm_cost") or not settings.backfill_budget_usd:
        return
    expected = estimate(recent_costs(settings, domain))
    if reason := objection(settings, domain, expected, 1, datetime.now(UTC)):
        raise AirflowFailException(
            f"{reason} (LAKEHOUSE_BACKFILL_BUDGET_USD): this run of the backfill of {domain} does nothing. Delete it "
            "and start the backfill again with `Confirm cost`; or start it with fewer dates, or in 24 hours"
        )
