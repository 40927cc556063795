"""Put faulty records and files among the good ones, and write down where."""

import json
import random
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, time, timedelta
from typing import Any

from lakehouse.simulate.fhir.codes import ACT_CODE
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.delivery import Deliveries
from lakehouse.simulate.fhir.hospitals import Hospital
from lakehouse.simulate.fhir.records import Record, Resource

WHOLE_FILES = ("xml_file", "truncated_bundle")
CUT_AFTER = 20
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Patient xmlns="http://hl7.org/fhir"><id value="xml"/></Patient>\n'


class Mischief:
    """Adds faults by their rates, from a chance of its own: the good records stay as they are."""

    def __init__(self, simulation: Simulation, hospital: Hospital, deliveries: Deliveries) -> None:
        self._simulation = simulation
        self._hospital = hospital
        self._deliveries = deliveries
        self._rng = random.Random(f"{simulation.seed}/faults")  # noqa: S311
        rates = {field.name: getattr(simulation.faults, field.name) for field in fields(simulation.faults)}
        self._rates = {name: rate for name, rate in rates.items() if rate and name not in WHOLE_FILES}
        self.faults: list[dict[str, Any]] = []

    def after(self, record: Record) -> None:
        """Maybe add faults to the delivery of a record."""
        for name, rate in self._rates.items():
            if self._rng.random() < rate:
                self._add(name, self._deliveries.index(record))

    def whole_files(self) -> None:
        """Maybe add files that are unreadable as a whole."""
        for index in range(self._simulation.deliveries):
            if self._rng.random() < self._simulation.faults.xml_file:
                self._note("xml_file", *self._deliveries.add_file(index, "patient", "export", XML))
            if self._rng.random() < self._simulation.faults.truncated_bundle:
                self._note("truncated_bundle", *self._cut_bundle(index))

    def _add(self, name: str, index: int) -> None:
        encounter = self._encounter()
        if name == "invalid_json":
            line = json.dumps(encounter, separators=(",", ":"))
            cut = line[: self._rng.randrange(CUT_AFTER, len(line) - 1)]
            self._note(name, *self._deliveries.add_line(index, "Encounter", cut))
            return
        _SPOIL[name](encounter)
        self._note(name, *self._deliveries.add_resource(index, "Encounter", encounter))

    def _cut_bundle(self, index: int) -> tuple[str, int]:
        entries = [json.dumps({"resource": self._encounter()}, separators=(",", ":")) for _ in range(3)]
        text = self._deliveries.bundle_head(index, "collection") + ",\n".join(entries)
        return self._deliveries.add_file(index, "bundle", "cut", text[: -self._rng.randrange(2, 80)])

    def _encounter(self) -> Resource:
        """A stay that would count, were it not for its fault."""
        day = self._simulation.start + timedelta(days=self._rng.randrange(self._simulation.days))
        start = datetime.combine(day, time(10), self._hospital.zone)
        return {
            "resourceType": "Encounter",
            "id": f"fault-{len(self.faults) + 1}-{self._rng.getrandbits(32):08x}",
            "status": "finished",
            "class": {"system": ACT_CODE, "code": "IMP"},
            "subject": {"reference": "Patient/p0000001"},
            "period": {"start": start.isoformat(), "end": start.isoformat()},
            "serviceProvider": {"reference": f"Organization/{self._hospital.hospital_id}"},
        }

    def _note(self, name: str, file: str, position: int) -> None:
        place = {"position": position} if position else {}
        self.faults.append({"fault": name, "file": file, **place})


def _misname(encounter: Resource) -> None:
    encounter["resourceType"] = "Encuonter"


def _lose_subject(encounter: Resource) -> None:
    del encounter["subject"]


def _refer_to_nowhere(encounter: Resource) -> None:
    encounter["subject"] = {"reference": "Patient/nobody"}


def _invent_date(encounter: Resource) -> None:
    encounter["period"]["start"] = f"{encounter['period']['start'][:4]}-02-30T10:00:00Z"


def _turn_back(encounter: Resource) -> None:
    end = datetime.fromisoformat(encounter["period"]["start"]) - timedelta(days=1)
    encounter["period"]["end"] = end.isoformat()


_SPOIL: dict[str, Callable[[Resource], None]] = {
    "wrong_resource_type": _misname,
    "missing_subject": _lose_subject,
    "dangling_reference": _refer_to_nowhere,
    "impossible_date": _invent_date,
    "end_before_start": _turn_back,
}
