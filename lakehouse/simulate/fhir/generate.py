"""Run a simulation: people one by one, their records into files, their truth into the ledger."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from lakehouse.simulate.fhir.chart import Chart
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.delivery import Deliveries
from lakehouse.simulate.fhir.hospitals import found
from lakehouse.simulate.fhir.ledger import Ledger
from lakehouse.simulate.fhir.life import live
from lakehouse.simulate.fhir.mischief import Mischief
from lakehouse.simulate.fhir.records import Record


def generate(simulation: Simulation, directory: Path) -> dict[str, Any]:
    """Write the files of every delivery below a directory and return the ledger.

    The ledger has `end_of_data`; `measures`, the rows of each; `reasons`, how many episodes are in and out;
    `resources`, of each type how many there are at any time, their versions, records with repeats, and deletions;
    `faults`, which, in which file, at which line or entry, from 1; and `files`. A person is in memory, not the
    population.

    Raises:
        OSError: A file cannot be written.
    """
    hospitals = found(simulation.hospitals)
    deliveries = Deliveries(directory, simulation)
    chart, ledger, counts = Chart(simulation, hospitals), Ledger(simulation.last_day), Counts()
    mischief = Mischief(simulation, hospitals[0], deliveries)

    def deliver(records: list[Record]) -> None:
        counts.add(records)
        for record in records:
            deliveries.add(record)
            mischief.after(record)

    deliver(list(chart.administration()))
    for number in range(1, simulation.patients + 1):
        person, rng = live(simulation, hospitals, number)
        ledger.add(person)
        deliver(list(chart.of(person, rng)))
    mischief.whole_files()
    deliveries.close()
    return {
        "seed": simulation.seed,
        "end_of_data": simulation.last_day.isoformat(),
        "measures": ledger.measures(),
        "reasons": ledger.reasons(),
        "resources": counts.resources(),
        "faults": mischief.faults,
        "files": deliveries.files,
    }


class Counts:
    """How many of what is delivered."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, records: list[Record]) -> None:
        """Count the records of a person: all there are of its resources."""
        versions = set()
        for record in records:
            count = self._counts[record.resource_type]
            count["records"] += 1
            if record.resource is None:
                count["deletions"] += 1
                continue
            version = record.resource.get("meta", {}).get("versionId")
            versions.add((record.resource_type, record.resource_id, version))
        for resource_type, _ in {one[:2] for one in versions}:
            self._counts[resource_type]["resources"] += 1
        for resource_type, *_ in versions:
            self._counts[resource_type]["versions"] += 1

    def resources(self) -> dict[str, dict[str, int]]:
        """Counts by resource type."""
        names = ("resources", "versions", "records", "deletions")
        return {kind: {name: self._counts[kind][name] for name in names} for kind in sorted(self._counts)}
