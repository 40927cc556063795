"""The truth by measure: numerators and denominators per hospital, month, age band and sex, and why others are out.

Everything is counted from what `truth` decided; no FHIR is read, and what was delivered wrong, late or twice is unknown
here. Definitions: docs/clinical.md.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from lakehouse.simulate.fhir.codes import (
    AGAINST_ADVICE,
    BLOOD_CULTURE,
    CDI_TOXIN,
    CENTRAL_LINE,
    DIED,
    HOSPICE,
    MRSA,
    OTHER_HOSPITAL,
    URINARY_CATHETER,
    URINE_CULTURE,
    Code,
    Kind,
)
from lakehouse.simulate.fhir.truth import Device, Episode, Palliative, Person, Specimen, Stay

WINDOW = timedelta(days=30)
REPEAT_DAYS = 14
ONSET_DAY = 3
"""Of a stay, counted from 0: the fourth day, admission being the first."""
DEVICE_DAY = 2
"""Of a device, counted from 0: its third day."""
LATEST_AGES = ((17, "0-17"), (44, "18-44"), (64, "45-64"), (74, "65-74"), (84, "75-84"))
OLDEST = "85+"
KINDS_OUT = {Kind.PSYCHIATRIC: "psychiatric", Kind.REHABILITATION: "rehabilitation", Kind.CANCER: "cancer"}
INCLUDED = "included"

Stratum = tuple[str, str, str, str]
"""Hospital, first day of the month, age band, sex."""


class Ledger:
    """Counts people, one after the other."""

    def __init__(self, last_day: date) -> None:
        self._last_day = last_day
        self._mortality: defaultdict[Stratum, Counter[str]] = defaultdict(Counter)
        self._readmission: defaultdict[Stratum, Counter[str]] = defaultdict(Counter)
        self._infection: defaultdict[tuple[str, Stratum], Counter[str]] = defaultdict(Counter)
        self._lengths: defaultdict[Stratum, Counter[int]] = defaultdict(Counter)

    def add(self, person: Person) -> None:
        """Count a person, unless the registration was a mistake."""
        if person.is_deleted:
            return
        self._count_mortality(person)
        self._count_readmission(person)
        self._count_lengths(person)
        self._count_infections(person)

    def measures(self) -> dict[str, list[dict[str, Any]]]:
        """Every measure's rows, sorted; a row is there when it counts something."""
        return {
            "mortality": [
                {**_columns(stratum), "is_complete": self._is_complete(stratum[1]), **_shares(counts),
                 "unknown_vital_status": counts["unknown_vital_status"]}
                for stratum, counts in sorted(self._mortality.items())
                if counts["denominator"] or counts["unknown_vital_status"]
            ],
            "readmission": [
                {**_columns(stratum), **_shares(counts)}
                for stratum, counts in sorted(self._readmission.items())
                if counts["denominator"]
            ],
            "infection": [
                {"event": event, **_columns(stratum), **_shares(counts)}
                for (event, stratum), counts in sorted(self._infection.items())
                if counts["denominator"] or counts["numerator"]
            ],
            "average_length_of_stay": [
                {**_columns(stratum), "discharges": lengths.total(),
                 "patient_days": sum(days * count for days, count in lengths.items()),
                 "lengths": sorted(lengths.elements())}
                for stratum, lengths in sorted(self._lengths.items())
            ],
        }  # fmt: skip

    def reasons(self) -> dict[str, dict[str, int]]:
        """How many closed episodes are in or out of mortality and readmission, by reason."""
        measures = {"mortality": self._mortality, "readmission": self._readmission}
        totals = {name: sum(strata.values(), Counter[str]()) for name, strata in measures.items()}
        return {name: _without(total, "numerator", "denominator") for name, total in totals.items()}

    def _is_complete(self, month: str) -> bool:
        first = date.fromisoformat(month)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return after - timedelta(days=1) + WINDOW <= self._last_day

    def _count_mortality(self, person: Person) -> None:
        years: set[int] = set()
        is_counted = False
        for episode in person.episodes:
            if episode.is_open:
                continue
            day = episode.first.admission_date
            counts = self._mortality[_stratum(person, episode.first.hospital.hospital_id, day, day)]
            reason = _out_of_mortality(person, episode)
            if not reason and day.year in years:
                reason = "later_in_period"
            if reason:
                counts[reason] += 1
                continue
            years.add(day.year)
            died = person.died_on(episode.first.hospital)
            died_in_time = died is not None and timedelta() <= died - day <= WINDOW
            if is_counted:
                counts["death_counted_before"] += 1
                continue
            is_counted = died_in_time
            counts["denominator"] += 1
            counts["numerator"] += died_in_time
            counts["died_within_30_days" if died_in_time else INCLUDED] += 1

    def _count_readmission(self, person: Person) -> None:
        for episode, following in zip_longest(person.episodes, person.episodes[1:]):
            discharged = episode.last.discharge_date
            if discharged is None:
                continue
            admitted = episode.first.admission_date
            counts = self._readmission[
                _stratum(person, episode.last.hospital.hospital_id, discharged, admitted)
            ]
            if reason := self._out_of_readmission(person, episode, discharged):
                counts[reason] += 1
                continue
            counts["denominator"] += 1
            is_back = following is not None and (episode.days_to_next or 0) <= WINDOW.days
            if not is_back or following is None:
                counts[INCLUDED] += 1
            elif following.is_planned:
                counts["planned_readmission"] += 1
            else:
                counts["numerator"] += 1
                counts["readmitted"] += 1

    def _out_of_readmission(self, person: Person, episode: Episode, discharged: date) -> str:
        last = episode.last
        died = person.died_on(last.hospital)
        if last.disposition == DIED or (died and died <= discharged):
            return "died"
        if last.disposition == OTHER_HOSPITAL:
            return "transferred_out"
        if last.disposition == AGAINST_ADVICE:
            return "against_advice"
        if last.kind in KINDS_OUT:
            return KINDS_OUT[last.kind]
        return "right_censored" if discharged + WINDOW > self._last_day else ""

    def _count_lengths(self, person: Person) -> None:
        for stay in person.stays:
            if stay.discharge_date:
                stratum = _stratum(
                    person, stay.hospital.hospital_id, stay.discharge_date, stay.admission_date
                )
                self._lengths[stratum][max(1, stay.days(self._last_day))] += 1

    def _count_infections(self, person: Person) -> None:
        latest: dict[tuple[str, str], date] = {}
        for stay in person.stays:
            self._count_days(person, stay)
            for specimen in sorted(stay.specimens, key=lambda one: one.day):
                if specimen.is_counted:
                    self._count_specimen(person, stay, specimen, latest)

    def _count_days(self, person: Person, stay: Stay) -> None:
        end = stay.days(self._last_day) + stay.is_open
        for day in range(max(1, end)):
            self._add_day(person, stay, day, ("cdi_labid", "mrsa_bacteremia_labid"))
        for code, event in ((CENTRAL_LINE, "clabsi_proxy"), (URINARY_CATHETER, "cauti_proxy")):
            days = {
                day
                for device in stay.devices
                if device.code == code
                for day in range(
                    device.day, max(device.day + 1, end if device.end_day is None else device.end_day)
                )
            }
            for day in days:
                self._add_day(person, stay, day, (event,))

    def _add_day(self, person: Person, stay: Stay, day: int, events: tuple[str, ...]) -> None:
        stratum = _stratum(person, stay.hospital.hospital_id, stay.date_of(day), stay.admission_date)
        for event in events:
            self._infection[event, stratum]["denominator"] += 1

    def _count_specimen(
        self, person: Person, stay: Stay, specimen: Specimen, latest: dict[tuple[str, str], date]
    ) -> None:
        taken, location = stay.date_of(specimen.day), stay.location_on(specimen.day)
        for event, is_late_enough in _events(stay, specimen):
            before = latest.get((location, event))
            latest[location, event] = taken
            if is_late_enough and (before is None or (taken - before).days > REPEAT_DAYS):
                stratum = _stratum(person, stay.hospital.hospital_id, taken, stay.admission_date)
                self._infection[event, stratum]["numerator"] += 1


def _events(stay: Stay, specimen: Specimen) -> list[tuple[str, bool]]:
    """The events that a positive specimen may be, and whether it is late enough for each."""
    is_onset = specimen.day >= ONSET_DAY
    if specimen.test == CDI_TOXIN:
        return [("cdi_labid", is_onset)]
    if specimen.test == URINE_CULTURE:
        return [("cauti_proxy", _is_of_device(stay, URINARY_CATHETER, specimen.day))]
    events = [("clabsi_proxy", _is_of_device(stay, CENTRAL_LINE, specimen.day))]
    if specimen.test == BLOOD_CULTURE and specimen.organism == MRSA:
        events.append(("mrsa_bacteremia_labid", is_onset))
    return events


def _is_of_device(stay: Stay, code: Code, day: int) -> bool:
    return any(device.code == code and _is_in_place(device, day) for device in stay.devices)


def _is_in_place(device: Device, day: int) -> bool:
    return device.day + DEVICE_DAY <= day and (device.end_day is None or day <= device.end_day + 1)


def _out_of_mortality(person: Person, episode: Episode) -> str:
    first, last = episode.first, episode.last
    is_same_day = last.discharge_date == first.admission_date
    if episode.is_transferred_in:
        return "transferred_in"
    if last.disposition == AGAINST_ADVICE:
        return "against_advice"
    if episode.palliative is Palliative.ON_ADMISSION or (last.disposition == HOSPICE and is_same_day):
        return "hospice_on_admission_day"
    is_moved = last.disposition == OTHER_HOSPITAL or last.hospital != first.hospital
    if is_same_day and not is_moved and person.died_on(first.hospital) != last.discharge_date:
        return "same_day_alive"
    return "unknown_vital_status" if person.is_vital_status_unknown else ""


def _stratum(person: Person, hospital_id: str, month_of: date, age_on: date) -> Stratum:
    month = month_of.replace(day=1).isoformat()
    return hospital_id, month, _age_band(person.birth_date, age_on), person.sex or "unknown"


def _age_band(birth_date: date | None, day: date) -> str:
    if birth_date is None:
        return "unknown"
    age = day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    return next((band for latest, band in LATEST_AGES if age <= latest), OLDEST)


def _columns(stratum: Stratum) -> dict[str, str]:
    return dict(zip(("hospital_id", "month", "age_band", "sex"), stratum, strict=True))


def _shares(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("numerator", "denominator")}


def _without(counts: Counter[str], *names: str) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts) if name not in names}
