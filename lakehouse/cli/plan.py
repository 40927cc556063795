"""`lakehouse plan`."""

import time
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.arguments import key_safe, require_domain
from lakehouse.cli.console import output
from lakehouse.cli.cost import cost_text, runs_text
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.operations.airflow_api import AirflowApi, AirflowError, wait_until_known
from lakehouse.operations.athena import QueryError, Result
from lakehouse.operations.backfill_budget import objection
from lakehouse.operations.backfill_facts import interval_bounds, known
from lakehouse.operations.backfill_plan import DateStatus, date_statuses, ranges
from lakehouse.operations.estimate import BACKFILL, Estimate, estimate, total
from lakehouse.operations.run_ledger import costs_of, recent_costs
from lakehouse.settings import Settings

_PARSE_SECONDS = 60
_POLL_SECONDS = 5


def plan_command(
    domain: Annotated[str, typer.Argument(help="Such as `ecommerce`.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last, included.")],
    apply: Annotated[bool, typer.Option("--apply", help="Create the backfills in Airflow.")] = False,
    confirm_cost: Annotated[
        bool, typer.Option("--confirm-cost", help="Also beyond the budget, or without an estimate.")
    ] = False,
) -> None:
    """Which business dates are missing, failed, late or made by an older contract or code; what a backfill costs.

    Examples:
    - `lakehouse plan ecommerce --from 2026-04-01 --to 2026-04-30`

    - `lakehouse plan ecommerce --from 2026-04-01 --to 2026-04-30 --apply`

    Without `--apply` nothing is changed.
    """
    require_domain(domain)
    if last < first:
        raise CommandError(f"the range runs backwards: from {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    try:
        _plan(output(), domain, first.date(), last.date(), apply=apply, confirm_cost=confirm_cost)
    except AirflowError as error:
        raise CommandError(str(error)) from error
    except QueryError as error:
        raise CommandError(f"Athena: {error}") from error


def _plan(console: Console, domain: str, first: date, last: date, *, apply: bool, confirm_cost: bool) -> None:
    settings, api = read_settings(), AirflowApi()
    wait_until_known(api, domain, _PARSE_SECONDS)
    facts, logical_dates = known(api, settings, domain, first, last)
    statuses = date_statuses(facts, first, last)
    worth = [status.day for status in statuses if status.is_worth_a_run]
    backfills = ranges(worth, facts, logical_dates)
    runs = sum(map(len, backfills))
    expected = estimate(recent_costs(settings, domain))

    _show_dates(domain, statuses)
    if not facts.publications:
        console.print(
            f"The run ledger has no publication of {domain}: contract and code of its dates are unknown."
        )
    _show_actual(console, api, settings, domain, first, last)
    if not backfills:
        console.print("Nothing to run.")
        return
    _show_order(backfills, expected)
    _show_estimate(console, expected, runs)
    reason = objection(settings, domain, expected, runs, datetime.now(UTC))
    if not apply:
        console.print(f"Nothing is started. Repeat with --apply{' --confirm-cost' if reason else ''}.")
        if reason:
            console.print(f"It needs the confirmation: {reason}.", style="yellow")
        return
    if reason and not confirm_cost:
        raise CommandError(f"{reason}: nothing is started; repeat with --confirm-cost, or plan fewer dates")
    _create(console, api, domain, backfills, confirm_cost=confirm_cost)


def _show_dates(domain: str, statuses: list[DateStatus]) -> None:
    rows: list[list[str | None]] = [
        [str(one.day), one.state, "yes" if one.is_worth_a_run else None, one.why] for one in statuses
    ]
    show(Result(["date", "state", "run", "why"], rows), title=f"{domain}: gold by business date")


def _show_actual(
    console: Console, api: AirflowApi, settings: Settings, domain: str, first: date, last: date
) -> None:
    """What backfills of these dates have cost so far."""
    made = api.interval_runs(domain, *interval_bounds(first, last), run_type=[BACKFILL])
    runs, seconds, usd = total(costs_of(settings, domain, (key_safe(run.run_id) for run in made)))
    if runs:
        console.print(
            f"Backfills of these dates so far: {cost_text(seconds, usd)} in {runs_text(runs)} (actual).",
            highlight=False,
        )


def _show_order(backfills: list[list[datetime]], expected: Estimate | None) -> None:
    rows: list[list[str | None]] = [
        [
            str(number),
            f"{days[0]:%Y-%m-%d}" if len(days) == 1 else f"{days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}",
            str(len(days)),
            f"{expected.seconds * len(days):.0f}" if expected else "no estimate",
            f"{expected.usd * len(days):.4f}" if expected else "no estimate",
        ]
        for number, days in enumerate(backfills, start=1)
    ]
    show(Result(["backfill", "dates", "runs", "Glue seconds", "USD"], rows), title="In this order")


def _show_estimate(console: Console, expected: Estimate | None, runs: int) -> None:
    if expected is None:
        console.print(
            "There is no estimate: the run ledger has no run that published gold; "
            "`lakehouse run operations` loads what was recorded.",
            style="yellow",
        )
        return
    rows: list[list[str | None]] = [
        [
            step.step if number == 0 else None,
            f"{step.seconds:.0f}" if number == 0 else None,
            table,
            f"{usd:.6f}",
        ]
        for step in expected.steps
        for number, (table, usd) in enumerate(step.usd.items())
    ]
    show(Result(["step", "Glue seconds", "table", "USD"], rows), title="Estimate of one run")
    console.print(
        f"Total: {cost_text(expected.seconds * runs, expected.usd * runs)} for {runs_text(runs)} "
        f"({expected.source}).",
        highlight=False,
    )


def _create(
    console: Console, api: AirflowApi, domain: str, backfills: list[list[datetime]], *, confirm_cost: bool
) -> None:
    """Create one after the other: Airflow has one unfinished backfill of a DAG at a time."""
    if api.is_paused(domain):
        console.print(f"The DAG {domain} is paused: runs start once it is not.", style="yellow")
    for days in backfills:
        _wait_for_other(console, api, domain)
        if confirm_cost:
            api.delete_failed_backfill_runs(domain, days[0], days[-1])
        made = api.create_backfill(domain, days[0], days[-1], confirm_cost=confirm_cost)
        console.print(
            f"Backfill {made}: {runs_text(len(days))}  {api.backfills_url(domain)}", highlight=False
        )


def _wait_for_other(console: Console, api: AirflowApi, domain: str) -> None:
    other = api.unfinished_backfill(domain)
    if other is not None:
        console.print(f"Waiting until backfill {other} has ended: a DAG has one at a time.")
    while other is not None:
        time.sleep(_POLL_SECONDS)
        other = api.unfinished_backfill(domain)


def register(app: typer.Typer) -> None:
    app.command("plan")(plan_command)
