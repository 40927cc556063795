"""A person's fate: admissions with decided gaps between them, and death."""

import random
from datetime import date, datetime, timedelta

from lakehouse.simulate.fhir.causes import Cause, any_cause, planned_cause, unplanned_cause
from lakehouse.simulate.fhir.codes import DIED
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.findings import add_findings
from lakehouse.simulate.fhir.hospitals import Hospital
from lakehouse.simulate.fhir.people import register
from lakehouse.simulate.fhir.stays import MINUTES, Admissions
from lakehouse.simulate.fhir.truth import DeathRecord, Episode, Palliative, Person

NEVER_ADMITTED_SHARE = 0.08
PLANNED_SHARE, UNPLANNED_SHARE, LATER_SHARE = 0.1, 0.2, 0.3
"""How an episode goes on: a planned or unplanned readmission within 30 days, another episode later, or none."""
BOUNDARY_SHARE = 0.3
WINDOW = 30
LATE_DEATH_SHARE = 0.14
UNKNOWN_SHARE = 0.02
UNTIMED_SHARE = 0.05
NOON = 12 * 60


def live(
    simulation: Simulation, hospitals: tuple[Hospital, ...], number: int
) -> tuple[Person, random.Random]:
    """Decide the fate of a person, and give the source of chance that everything else of the person comes from."""
    rng = random.Random(f"{simulation.seed}/{len(hospitals)}/{number}")  # noqa: S311 - repeatable, not secret
    person = register(rng, number, simulation.start)
    if number == 1:
        _settle_last_day(rng, person, hospitals, simulation)
    elif rng.random() >= NEVER_ADMITTED_SHARE:
        _admit(rng, person, hospitals, simulation)
        _die(rng, person, simulation.last_day)
    _forget_ambiguous_palliative_care(person)
    # What comes first of two dates alone is not told: only a single stay may have them.
    if len(person.stays) == 1:
        person.stays[0].is_timed = rng.random() >= UNTIMED_SHARE
    add_findings(rng, person, simulation.last_day)
    return person, rng


def _settle_last_day(
    rng: random.Random, person: Person, hospitals: tuple[Hospital, ...], simulation: Simulation
) -> None:
    """Let somebody be discharged on the last day, so that the data end on it."""
    hospital, last_day = hospitals[0], simulation.last_day
    admissions = Admissions(rng, person.patient_id, hospitals, simulation)
    cause = unplanned_cause(rng)
    episode = admissions.episode(hospital, hospital.at(last_day, NOON - 60), cause)
    del episode.stays[1:]
    stay = episode.first
    stay.discharged, stay.discharge_date = hospital.at(last_day, NOON + 60), last_day
    stay.disposition, stay.move_day, stay.units = "home", None, stay.units[:1]
    person.episodes.append(episode)


def _admit(
    rng: random.Random, person: Person, hospitals: tuple[Hospital, ...], simulation: Simulation
) -> None:
    admissions = Admissions(rng, person.patient_id, hospitals, simulation)
    hospital = rng.choice(hospitals)
    day = simulation.start + timedelta(days=rng.randrange(simulation.days))
    admitted = hospital.at(day, rng.randrange(MINUTES))
    cause = any_cause(rng)
    while True:
        episode = admissions.episode(hospital, admitted, cause)
        person.episodes.append(episode)
        if episode.is_open or episode.last.disposition == DIED:
            return
        following = _next(rng, episode, hospitals)
        if following is None:
            return
        hospital, admitted, cause, days = following
        if hospital.local_date(admitted) > simulation.last_day:
            return
        episode.days_to_next = days


def _next(
    rng: random.Random, episode: Episode, hospitals: tuple[Hospital, ...]
) -> tuple[Hospital, datetime, Cause, int] | None:
    draw = rng.random()
    before = episode.last
    assert before.discharged  # noqa: S101
    if draw < PLANNED_SHARE:
        days, cause = _days_within(rng), planned_cause(rng)
    elif draw < PLANNED_SHARE + UNPLANNED_SHARE:
        days, cause = _days_within(rng), unplanned_cause(rng)
    elif draw < PLANNED_SHARE + UNPLANNED_SHARE + LATER_SHARE:
        days, cause = _days_beyond(rng), any_cause(rng)
    else:
        return None
    if days == 0:
        admitted = before.discharged + timedelta(minutes=rng.randrange(20, 240))
        if before.hospital.local_date(admitted) == before.discharge_date and (
            cause.diagnosis != before.diagnosis
        ):
            return before.hospital, admitted, cause, 0
        days = 1
    # The next day at another hospital would be a transfer.
    hospital = before.hospital if days == 1 else rng.choice(hospitals)
    day = before.last_date(before.admission_date) + timedelta(days=days)
    return hospital, hospital.at(day, rng.randrange(MINUTES)), cause, days


def _days_within(rng: random.Random) -> int:
    return rng.choice((0, 1, 29, 30)) if rng.random() < BOUNDARY_SHARE else rng.randint(0, WINDOW)


def _days_beyond(rng: random.Random) -> int:
    return rng.choice((31, 32)) if rng.random() < BOUNDARY_SHARE else rng.randint(31, 120)


def _die(rng: random.Random, person: Person, last_day: date) -> None:
    """In hospital as the last stay ended, some time after it, or nobody knows when."""
    last = person.episodes[-1].last
    if last.disposition == DIED:
        person.death_date = last.discharge_date
        # Some records never hear of it, some know no more than that; the stay tells the date.
        person.death_record = rng.choice(
            (DeathRecord.DATE, DeathRecord.TIME, DeathRecord.TIME, DeathRecord.FLAG, DeathRecord.NONE)
        )
        return
    if rng.random() < UNKNOWN_SHARE:
        person.is_vital_status_unknown = True
        person.death_record = rng.choice((DeathRecord.FLAG, DeathRecord.MONTH))
        return
    if last.discharge_date is None or rng.random() >= LATE_DEATH_SHARE:
        return
    day = last.discharge_date + timedelta(days=rng.randrange(60))
    if rng.random() < BOUNDARY_SHARE:
        day = person.episodes[-1].first.admission_date + timedelta(days=rng.choice((WINDOW, WINDOW + 1)))
    if last.discharge_date <= day <= last_day:
        person.death_date = day
        person.death_record = rng.choice((DeathRecord.DATE, DeathRecord.TIME))


def _forget_ambiguous_palliative_care(person: Person) -> None:
    """Palliative care is the patient's: on the day of two admissions, or of the wrong one, it would be of both."""
    days = [episode.first.admission_date for episode in person.episodes]
    for episode, day in zip(person.episodes, days, strict=True):
        is_later = episode.palliative is Palliative.LATER
        if days.count(day + timedelta(days=is_later)) > (not is_later):
            episode.palliative = Palliative.NEVER
