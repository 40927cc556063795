"""Everything that is recorded of a person, as records in the order of the resources."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from lakehouse.simulate.fhir.codes import BLOOD_CULTURE, CDI_TOXIN, MRSA
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.history import History, deletion
from lakehouse.simulate.fhir.hospitals import Hospital
from lakehouse.simulate.fhir.records import Record
from lakehouse.simulate.fhir.resources import administrative, encounters, findings
from lakehouse.simulate.fhir.resources.elements import Words
from lakehouse.simulate.fhir.resources.encounters import Visit
from lakehouse.simulate.fhir.truth import Episode, Palliative, Person, Specimen, Stay

VISITS = (
    ("EMER", "finished"), ("AMB", "finished"), ("OBSENC", "finished"), ("IMP", "planned"), ("IMP", "cancelled"),
    ("IMP", "arrived"), ("VR", "finished"), ("HH", "finished"),
)  # fmt: skip
"""Class and status of encounters that are no stays."""
VISIT_SHARE = 0.45
MISTAKE_SHARE = 0.04
WITHOUT_HOSPITAL_SHARE = 0.04
SEEN_ALIVE_SHARE = 0.7
"""Of the dead, those whose record was delivered before they died."""


class Chart:
    """Records a person's life."""

    def __init__(self, simulation: Simulation, hospitals: tuple[Hospital, ...]) -> None:
        self._simulation = simulation
        self._hospitals = hospitals
        self._words = Words(simulation.canary)

    def administration(self) -> Iterator[Record]:
        """Hospitals, units and who pays: known before anything happens."""
        at = Hospital.at(self._hospitals[0], self._simulation.start, 0)
        resources = [administrative.payer(self._words)]
        for hospital in self._hospitals:
            resources.append(administrative.organization(hospital, self._words))
            resources.extend(administrative.locations(hospital, self._words))
        history = History(random.Random(f"{self._simulation.seed}/administration"))  # noqa: S311
        for resource in resources:
            yield from history.tell(resource, at)

    def of(self, person: Person, rng: random.Random) -> Iterator[Record]:
        """Records of everything about a person."""
        history = History(rng)
        hospital = person.stays[0].hospital if person.episodes else rng.choice(self._hospitals)
        begin = self._hospitals[0].at(self._simulation.start, 0)
        registered = min((stay.admitted for stay in person.stays), default=begin)
        record = administrative.patient(person, hospital, self._words)
        alive = {name: value for name, value in record.items() if not name.startswith("deceased")}
        is_dead = alive != record and record.get("deceasedBoolean") is not False
        before = alive if is_dead and rng.random() < SEEN_ALIVE_SHARE else None
        yield from history.tell(record, registered, before=before, is_dated=person.is_deleted)
        yield from history.tell(administrative.coverage(person, self._words), registered)
        for episode in person.episodes:
            for stay in episode.stays:
                yield from self._stay(person, stay, history, rng)
            yield from self._palliative_care(person, episode, history)
        yield from self._visits(person, registered, history, rng)
        yield from self._mistakes(person, history, rng)
        if person.is_deleted:
            yield deletion(record, registered + timedelta(days=rng.randrange(11, 20)))

    def _stay(self, person: Person, stay: Stay, history: History, rng: random.Random) -> Iterator[Record]:
        words = self._words
        known = stay.discharged or stay.admitted
        yield from history.tell(encounters.inpatient(person, stay, words), known)
        yield from history.tell(findings.principal_diagnosis(person, stay, words), known)
        for number, done in enumerate(stay.treatments):
            yield from history.tell(findings.treatment(person, stay, number, done, words), known)
        for number, device in enumerate(stay.devices):
            yield from history.tell(findings.device(person, stay, number, device, words), known)
        for number, taken in enumerate(stay.specimens):
            at = findings.moment(stay, taken.day, 23 * 60)
            yield from history.tell(findings.specimen(person, stay, number, taken, words), at)
        days = stay.days(self._simulation.last_day)
        count = int(max(1, days) * self._simulation.vital_signs + rng.random())
        for at, resource in findings.vital_signs(rng, person, stay, count, days, words):
            yield from history.tell(resource, at)

    def _palliative_care(self, person: Person, episode: Episode, history: History) -> Iterator[Record]:
        if episode.palliative is not Palliative.NEVER:
            resource = findings.palliative_care(person, episode, self._words)
            yield from history.tell(resource, episode.first.admitted)

    def _visits(
        self, person: Person, registered: datetime, history: History, rng: random.Random
    ) -> Iterator[Record]:
        number = 0
        while rng.random() < VISIT_SHARE:
            number += 1
            class_code, status = rng.choice(VISITS)
            is_of_hospital = rng.random() >= WITHOUT_HOSPITAL_SHARE
            if not is_of_hospital:
                class_code, status = "IMP", "finished"
            start = registered + timedelta(minutes=rng.randrange(0, 20 * 24 * 60))
            end = start + timedelta(hours=rng.randrange(1, 5 * 24)) if status == "finished" else None
            encounter_id = f"{person.patient_id}-visit{number}"
            hospital = rng.choice(self._hospitals)
            visit = Visit(encounter_id, hospital, class_code, status, start, end, is_of_hospital)
            yield from history.tell(encounters.visit(person, visit, self._words), start)

    def _mistakes(self, person: Person, history: History, rng: random.Random) -> Iterator[Record]:
        """A stay that never was, and a result that was another patient's."""
        if not person.episodes:
            return
        stay = person.stays[-1]
        if rng.random() < MISTAKE_SHARE:
            start = stay.admitted - timedelta(days=rng.randrange(1, 60))
            encounter_id = f"{person.patient_id}-mistake"
            never = Visit(encounter_id, stay.hospital, "IMP", "finished", start, start + timedelta(days=3))
            yield from history.tell_by_mistake(encounters.visit(person, never, self._words), start)
        days = stay.days(self._simulation.last_day)
        if days > 3 and rng.random() < MISTAKE_SHARE:  # noqa: PLR2004 - late enough to be an event
            test, organism = rng.choice(((CDI_TOXIN, None), (BLOOD_CULTURE, MRSA)))
            wrong = Specimen(test, rng.randint(3, days), True, organism, "final", True)
            resource = findings.specimen(person, stay, 99, wrong, self._words)
            yield from history.tell_by_mistake(resource, findings.moment(stay, wrong.day, 22 * 60))
