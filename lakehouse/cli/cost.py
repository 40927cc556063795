"""What a run is expected to cost, and what it did cost, in a line."""

from rich.console import Console

from lakehouse.cli.arguments import key_safe
from lakehouse.operations.athena import QueryError
from lakehouse.operations.estimate import estimate, total
from lakehouse.operations.run_ledger import recent_costs, recorded_cost
from lakehouse.settings import Settings


def cost_text(seconds: float, usd: float) -> str:
    """Seconds of Glue and USD."""
    return f"{seconds:.0f} s of Glue, {usd:.4f} USD"


def runs_text(runs: int) -> str:
    return f"{runs} run" if runs == 1 else f"{runs} runs"


def show_estimate(console: Console, settings: Settings, domain: str) -> None:
    """Print what a run that finds something to do will cost; nothing where the run ledger knows of none."""
    try:
        expected = estimate(recent_costs(settings, domain))
    except QueryError:  # a run needs no estimate
        return
    if expected:
        console.print(
            f"Estimate: {cost_text(expected.seconds, expected.usd)} ({expected.source}).", highlight=False
        )


def show_actual(console: Console, settings: Settings, domain: str, run_id: str) -> None:
    """Print what the run did cost; nothing where it started no Glue run, or its record is loaded already."""
    runs, seconds, usd = total(recorded_cost(settings, domain, key_safe(run_id)))
    if runs:
        console.print(f"Actual: {cost_text(seconds, usd)}.", highlight=False)
