"""The stays of one episode: how long, where, with which transfers, and how the last one ends."""

import random
from datetime import date, datetime, timedelta

from lakehouse.simulate.fhir.causes import Cause, acute_cause
from lakehouse.simulate.fhir.codes import (
    AGAINST_ADVICE,
    DIED,
    HOSPICE,
    HOSPITAL_TRANSFER,
    OTHER_HOSPITAL,
)
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.hospitals import UNITS, Hospital
from lakehouse.simulate.fhir.truth import Episode, Palliative, Stay

MINUTES = 24 * 60
LONGEST = 45
MEAN_DAYS = 4.5
SAME_DAY_SHARE = 0.06
TRANSFER_SHARE = 0.12
TRANSFERRED_IN_SHARE = 0.05
ENDINGS = (
    ("home", 0.68), (DIED, 0.05), (AGAINST_ADVICE, 0.04), (OTHER_HOSPITAL, 0.04), (HOSPICE, 0.04),
    ("snf", 0.08), ("rehab", 0.04), ("psy", 0.01), ("long", 0.02),
)  # fmt: skip
"""Discharge dispositions."""
ACUTE_CLASS_SHARE = 0.2
PALLIATIVE_SHARE, PALLIATIVE_LATER_SHARE = 0.04, 0.5
UNITS_OF_A_STAY = (0, 1, 1, 1, 2, 2)
SAME_ILLNESS_SHARE = 0.7
SAME_HOSPITAL_SHARE = 0.15
SAME_DAY, NEXT_DAY, OVERLAP = "same day", "next day", "overlap"
TRANSFERS = (SAME_DAY, SAME_DAY, SAME_DAY, NEXT_DAY, NEXT_DAY, OVERLAP)
ROOM_FOR_OVERLAP = 3
SAID_SHARE = 0.8
"""Of the transfers: those whose disposition says that they are one."""


class Admissions:
    """Makes the episodes of one person, numbering the encounters."""

    def __init__(
        self, rng: random.Random, patient_id: str, hospitals: tuple[Hospital, ...], simulation: Simulation
    ) -> None:
        self._rng = rng
        self._patient_id = patient_id
        self._hospitals = hospitals
        self._last_day = simulation.last_day
        self._encounters = 0

    def encounter_id(self) -> str:
        """The next id of an encounter of this person."""
        self._encounters += 1
        return f"{self._patient_id}-e{self._encounters}"

    def episode(self, hospital: Hospital, admitted: datetime, cause: Cause) -> Episode:
        """An episode that begins at an instant; it is open when it outlasts the data."""
        rng = self._rng
        first = self._stay(hospital, admitted, cause, is_transferred=False)
        episode = Episode([first], cause.is_planned)
        episode.is_transferred_in = rng.random() < TRANSFERRED_IN_SHARE
        if episode.is_transferred_in:
            first.admit_source = HOSPITAL_TRANSFER
        while not episode.is_open and rng.random() < TRANSFER_SHARE and self._transfer(episode, cause):
            pass
        if not episode.is_open:
            episode.last.disposition = self._ending()
        if rng.random() < PALLIATIVE_SHARE:
            is_later = first.days(self._last_day) > 0 and rng.random() < PALLIATIVE_LATER_SHARE
            episode.palliative = Palliative.LATER if is_later else Palliative.ON_ADMISSION
        return episode

    def _stay(
        self, hospital: Hospital, admitted: datetime, cause: Cause, *, is_transferred: bool, least: int = 0
    ) -> Stay:
        rng = self._rng
        day = hospital.local_date(admitted)
        stay = Stay(
            encounter_id=self.encounter_id(),
            hospital=hospital,
            admitted=admitted,
            admission_date=day,
            discharged=None,
            discharge_date=None,
            diagnosis=cause.diagnosis,
            kind=cause.kind,
            class_code="ACUTE" if rng.random() < ACUTE_CLASS_SHARE else "IMP",
            admit_source=HOSPITAL_TRANSFER if is_transferred else rng.choice(("emd", "gp", "outp", "other")),
        )
        if not is_transferred:
            stay.treatments.extend(cause.treatments)
        elif cause.planned_later:
            stay.treatments.append(cause.planned_later)
        discharged = self._discharge(hospital, admitted, day, least)
        if hospital.local_date(discharged) <= self._last_day:
            stay.discharged, stay.discharge_date = discharged, hospital.local_date(discharged)
        self._place(stay)
        return stay

    def _discharge(self, hospital: Hospital, admitted: datetime, day: date, least: int) -> datetime:
        rng = self._rng
        if not least and rng.random() < SAME_DAY_SHARE:
            later = admitted + timedelta(minutes=rng.randrange(30, 300))
            if hospital.local_date(later) == day:
                return later
        days = min(LONGEST, max(least, 1) + int(rng.expovariate(1 / MEAN_DAYS)))
        return hospital.at(day + timedelta(days=days), rng.randrange(MINUTES))

    def _place(self, stay: Stay) -> None:
        rng = self._rng
        days = stay.days(self._last_day)
        count = rng.choice(UNITS_OF_A_STAY)
        stay.units = tuple(rng.sample(UNITS, count if days > 1 else min(count, 1)))
        if len(stay.units) > 1:
            stay.move_day = rng.randrange(1, days)

    def _transfer(self, episode: Episode, cause: Cause) -> bool:
        """Add a stay that belongs to the episode, if there is time left for one."""
        rng, before = self._rng, episode.last
        assert before.discharged  # noqa: S101 - open episodes are not transferred
        others = [one for one in self._hospitals if one is not before.hospital]
        cause = cause if rng.random() < SAME_ILLNESS_SHARE else _continued(rng, cause)
        if not others or rng.random() < SAME_HOSPITAL_SHARE:
            return self._return(episode, cause)
        hospital = rng.choice(others)
        way = rng.choice(TRANSFERS)
        if way == SAME_DAY:
            admitted, least = before.discharged + timedelta(minutes=rng.randrange(30, 360)), 0
        elif way == NEXT_DAY:
            next_day = before.last_date(self._last_day) + timedelta(days=1)
            admitted, least = hospital.at(next_day, rng.randrange(MINUTES // 2, MINUTES)), 2
        elif before.days(self._last_day) >= ROOM_FOR_OVERLAP:
            admitted, least = before.discharged - timedelta(minutes=rng.randrange(5, 360)), 3
        else:
            return False
        arrival = hospital.local_date(admitted)
        # Far zones may turn an hour on the way into two days, or put the arrival before the admission.
        is_next_day = arrival <= before.last_date(self._last_day) + timedelta(days=1)
        if arrival > self._last_day or not is_next_day or admitted <= before.admitted:
            return False
        before.disposition = OTHER_HOSPITAL if rng.random() < SAID_SHARE else "home"
        episode.stays.append(self._stay(hospital, admitted, cause, is_transferred=True, least=least))
        return True

    def _return(self, episode: Episode, cause: Cause) -> bool:
        """Back to the same hospital on the same day for the same illness."""
        before = episode.last
        assert before.discharged  # noqa: S101
        admitted = before.discharged + timedelta(minutes=self._rng.randrange(20, 240))
        if before.hospital.local_date(admitted) != before.discharge_date:
            return False
        before.disposition = "home"
        same = Cause(before.kind, before.diagnosis, planned_later=cause.planned_later)
        episode.stays.append(self._stay(before.hospital, admitted, same, is_transferred=True))
        return True

    def _ending(self) -> str:
        endings, shares = zip(*ENDINGS, strict=True)
        ending: str = self._rng.choices(endings, shares)[0]
        return ending


def _continued(rng: random.Random, cause: Cause) -> Cause:
    """Another acute diagnosis at the next hospital."""
    other = acute_cause(rng)
    return Cause(other.kind, other.diagnosis, planned_later=cause.planned_later)
