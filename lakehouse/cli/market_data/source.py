"""Where a run of market_data has its segments from."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.cli.market_data.comparison import compare
from lakehouse.cli.market_data.recording import REQUESTS, simulate_and_record
from lakehouse.cli.market_data.tables import Tables, latest_minute
from lakehouse.recorder.service import SOURCE
from lakehouse.settings import Settings
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.truth import Truth, read_truth, trades_told
from lakehouse.storage.objects.factory import object_store
from lakehouse.storage.objects.paths import stage_folder
from lakehouse.storage.objects.store import StoreError

USUAL_FAULTS = ("drop=0.0002", "duplicate=0.0005")
SPEED = 30
"""Faster, and the second between two new snapshots of a book would be most of a minute of the exchange."""
_SEGMENTS = ("segment_*.ndjson", "segment_*.ndjson.gz")
_BEHIND_THE_END = timedelta(seconds=6)
"""A minute is known to be complete a little after its end."""


@dataclass(frozen=True)
class Segments:
    """The segments of a folder."""

    data_dir: Path

    def bring(self, console: Console, settings: Settings) -> None:
        """Upload them to where a recorder would."""
        paths = sorted(path for pattern in _SEGMENTS for path in self.data_dir.rglob(pattern))
        if not paths:
            raise CommandError(f"{self.data_dir} has no segment: their names are {' or '.join(_SEGMENTS)}")
        try:
            store = object_store(settings)
            for path in paths:
                target = f"{stage_folder('ready', SOURCE)}/{path.name}"
                store.upload(target, path)
                console.print(f"uploaded {store.uri(target)}", highlight=False)
        except (StoreError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error

    def compare(self, console: Console, settings: Settings) -> None:
        """Nothing is known about them."""


@dataclass
class Simulated:
    """An exchange that knows what is true, recorded before the run and compared with gold after it."""

    minutes: int
    products: int
    seed: int
    faults: tuple[str, ...] | None
    ledger: Path | None
    _truth: Truth | None = None
    _told: set[tuple[str, int]] = field(default_factory=set)
    _since: datetime | None = None

    def bring(self, console: Console, settings: Settings) -> None:
        """Open the exchange, record it into the vault, close it."""
        with tempfile.TemporaryDirectory(prefix="lakehouse-exchange-") as folder:
            ledger = self.ledger or Path(folder) / "ledger.ndjson"
            simulation = self._simulation(_opening(settings, self.minutes), ledger)
            console.print(
                f"Simulating {self.minutes} minutes of {self.products} products from {simulation.start:%Y-%m-%d %H:%M} "
                f"UTC, {SPEED} times as fast, seed {self.seed}",
                highlight=False,
            )
            self._since = datetime.now(UTC)
            try:
                store = object_store(settings)
                outcome = simulate_and_record(simulation, store, Path(folder) / "write-ahead")
                self._truth, self._told = read_truth(ledger), trades_told(ledger)
            except (StoreError, ValueError, OSError) as error:
                raise CommandError(str(error)) from error
        counts = outcome.counts
        console.print(
            f"Recorded {counts.messages:,} messages, {counts.received_bytes / 1e6:.1f} MB, {counts.gaps} gaps, "
            f"{outcome.uploaded} segments in {store.uri(stage_folder('ready', SOURCE))}",
            highlight=False,
        )

    def compare(self, console: Console, settings: Settings) -> None:
        """Print a line for each comparison of the exchange's ledger with silver and gold."""
        if self._truth is None or self._since is None:
            raise CommandError("there is no ledger to compare with: bring the data first")
        found = list(compare(self._truth, self._told, Tables(settings, self._truth, self._since)))
        console.print("The exchange's own ledger against the tables", style="bold")
        for one in found:
            style = "green" if one.is_equal else "red"
            console.print(f"  [{style}]{one.verdict:<6}[/]  {one.what}: {one.detail}", highlight=False)
        if wrong := [one.what for one in found if not one.is_equal]:
            raise CommandError(f"gold is not what the exchange's ledger says: {', '.join(wrong)}")

    def _simulation(self, start: datetime, ledger: Path) -> Simulation:
        try:
            return Simulation(
                seed=self.seed,
                products=self.products,
                start=start,
                speed=SPEED,
                minutes=self.minutes + _BEHIND_THE_END / timedelta(minutes=1),
                start_after=REQUESTS,
                faults=Faults.parse(USUAL_FAULTS if self.faults is None else self.faults),
                ledger=ledger,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error


def _opening(settings: Settings, minutes: int) -> datetime:
    """A whole minute such that the exchange closes about now, and later than all that gold knows."""
    now = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    known = latest_minute(settings)
    return max(now, known + timedelta(minutes=2)) if known else now
