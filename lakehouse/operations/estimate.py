"""What a run of a domain will take and cost, from what its last runs did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from lakehouse.address import TABLE_LAYERS
from lakehouse.operations.run_ledger import TableCost

BACKFILL = "backfill"


@dataclass(frozen=True)
class StepEstimate:
    """One layer's step of a run."""

    step: str
    seconds: float
    """Of its Glue runs."""
    usd: Mapping[str, float]
    """By table."""


@dataclass(frozen=True)
class Estimate:
    """Of one run: medians by step and table."""

    steps: tuple[StepEstimate, ...]
    runs: int
    """From how many."""
    of_backfills: bool
    """From backfills alone."""

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @property
    def usd(self) -> float:
        return sum(sum(step.usd.values()) for step in self.steps)

    @property
    def source(self) -> str:
        kind = "backfill run" if self.of_backfills else "run"
        return f"median of {self.runs} {kind}{'s' if self.runs != 1 else ''} that published gold"


def estimate(history: Iterable[TableCost]) -> Estimate | None:
    """From backfills where there are some, else from any run that published gold; None without such a run.

    A run that was repeated does not count: it is recorded with what all its attempts used.
    """
    runs = _worked(history)
    backfills = [run for run in runs if run[0].run_type == BACKFILL]
    chosen = backfills or runs
    if not chosen:
        return None
    steps = tuple(_step(step, chosen) for step in TABLE_LAYERS)
    return Estimate(steps, len(chosen), of_backfills=bool(backfills))


def total(costs: Iterable[TableCost]) -> tuple[int, float, float]:
    """Runs, seconds and USD; of a run that was recorded again the newest record counts, which has all its attempts."""
    newest: dict[str, list[TableCost]] = {}
    for run_id, recorded in _by_run(costs).items():
        last = max(cost.recorded_at for cost in recorded)
        newest[run_id] = [cost for cost in recorded if cost.recorded_at == last]
    seconds = sum(sum(_seconds(step, run) for step in TABLE_LAYERS) for run in newest.values())
    return len(newest), seconds, sum(cost.usd for run in newest.values() for cost in run)


def _worked(history: Iterable[TableCost]) -> list[list[TableCost]]:
    return [
        run
        for run in _by_run(history).values()
        if len({cost.recorded_at for cost in run}) == 1
        and any(cost.step == "gold" and cost.outcome == "published" for cost in run)
    ]


def _by_run(costs: Iterable[TableCost]) -> dict[str, list[TableCost]]:
    runs: dict[str, list[TableCost]] = defaultdict(list)
    for cost in costs:
        runs[cost.run_id].append(cost)
    return runs


def _step(step: str, runs: list[list[TableCost]]) -> StepEstimate:
    tables = sorted({cost.table_address for run in runs for cost in run if cost.step == step})
    return StepEstimate(
        step,
        seconds=median(_seconds(step, run) for run in runs),
        usd={table: median(_usd(table, run) for run in runs) for table in tables},
    )


def _seconds(step: str, run: list[TableCost]) -> float:
    return max((cost.seconds for cost in run if cost.step == step), default=0.0)


def _usd(table: str, run: list[TableCost]) -> float:
    return sum(cost.usd for cost in run if cost.table_address == table)
