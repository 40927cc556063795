"""Infections acquired in hospital, by the written definitions, and the days on which they could have been."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle import clinical_codes as codes
from tests.oracle.clinical_evidence import Evidence, stratum
from tests.oracle.clinical_files import Delivered, Resource, moment_at, referred_id
from tests.oracle.clinical_stays import Patient, Stay, tokens
from tests.oracle.clinical_times import A_DAY

LABID = {"cdi_labid": codes.CDI_TEST, "mrsa_bacteremia_labid": codes.BLOOD_CULTURE}
DEVICES = {
    "clabsi_proxy": (codes.BLOOD_CULTURE, codes.CENTRAL_LINE),
    "cauti_proxy": (codes.URINE_CULTURE, codes.URINARY_CATHETER),
}
EVENTS = (*LABID, *DEVICES)
FIRST_DAY = 4
FIRST_DEVICE_DAY = 3
REPEAT_DAYS = 14


@dataclass(frozen=True)
class Positive:
    """A positive specimen of a stay."""

    taken_at: datetime
    taken: date | None
    observation_id: str
    stay: Stay
    location: str
    codes: frozenset[str]

    def may_be(self, event: str) -> bool:
        """Whether it is of the kind that the event is about."""
        test = LABID[event] if event in LABID else DEVICES[event][0]
        return test in self.codes and (event != "mrsa_bacteremia_labid" or codes.MRSA in self.codes)


@dataclass(frozen=True)
class Device:
    """A line or catheter in place on dates of a stay; no end: still there."""

    code: str
    start: date
    end: date | None

    def days(self, stay: Stay, end_of_data: date) -> set[date]:
        """Its days within the stay: not that of its removal, unless it is the only one."""
        during = set(days_of(stay.admitted, stay.discharged, end_of_data))
        return during & set(days_of(self.start, self.end, end_of_data))

    def explains(self, taken: date) -> bool:
        """Whether it was in place for its third day or longer, on the date or the day before."""
        in_time = self.end is None or taken <= self.end + timedelta(days=1)
        return in_time and (taken - self.start).days + 1 >= FIRST_DEVICE_DAY


def infection(
    everybody: list[Patient], delivered: Delivered, end: date
) -> tuple[list[dict[str, Any]], list[Evidence]]:
    """Rows of the measure, and evidence for every positive specimen that may be an event."""
    days: Counter[tuple[Any, ...]] = Counter()
    evidence: list[Evidence] = []
    observations, procedures = _of_patients(delivered, "Observation"), _of_patients(delivered, "Procedure")
    for patient in everybody:
        devices = {
            stay.encounter_id: list(_devices(stay, procedures.get(patient.patient_id, {})))
            for stay in patient.stays
        }
        for stay in patient.stays:
            for event, day in _days(stay, devices[stay.encounter_id], end):
                days[event, *stratum(patient, stay.hospital_id, day, stay.admitted).values()] += 1
        positives = sorted(
            _positives(patient, observations.get(patient.patient_id, {})),
            key=lambda one: (one.taken or date.min, one.taken_at, one.observation_id),
        )
        for event in EVENTS:
            ours = [one for one in positives if one.may_be(event)]
            for number, positive in enumerate(ours):
                reason = _out(event, positive, ours[:number], devices[positive.stay.encounter_id])
                evidence.append(_evidence(patient, event, positive, reason))
    events = Counter((one.measure, *one.stratum) for one in evidence if one.is_numerator)
    names = ("event", "hospital_id", "month", "age_band", "sex")
    rows = [
        {**dict(zip(names, key, strict=True)), "numerator": events[key], "denominator": found}
        for key, found in sorted({**dict.fromkeys(events, 0), **days}.items())
    ]
    return rows, evidence


def days_of(start: date, end: date | None, end_of_data: date) -> Iterator[date]:
    """From the first day to the one before the last, the only day of one; without an end through the end of data."""
    last = max(start, end - timedelta(days=1)) if end else end_of_data
    for number in range((last - start).days + 1):
        yield start + timedelta(days=number)


def _days(stay: Stay, devices: list[Device], end: date) -> Iterator[tuple[str, date]]:
    for day in days_of(stay.admitted, stay.discharged, end):
        yield from ((event, day) for event in LABID)
    for event, (_, code) in DEVICES.items():
        of_device = [device.days(stay, end) for device in devices if device.code == code]
        yield from ((event, day) for day in set[date]().union(*of_device))


def _out(event: str, positive: Positive, earlier: list[Positive], devices: list[Device]) -> str | None:
    """Why a positive specimen is no event; `earlier` are the patient's before it of the same kind."""
    if positive.taken is None:
        return "undated"
    if event in LABID:
        if (positive.taken - positive.stay.admitted).days + 1 < FIRST_DAY:
            return "before_day_4"
    elif not any(one.code == DEVICES[event][1] and one.explains(positive.taken) for one in devices):
        return "no_device"
    is_repeat = any(
        one.location == positive.location and (positive.taken - one.taken).days <= REPEAT_DAYS
        for one in earlier
        if one.taken
    )
    return "within_14_days" if is_repeat else None


def _evidence(patient: Patient, event: str, positive: Positive, reason: str | None) -> Evidence:
    return Evidence(
        measure=event,
        **stratum(patient, positive.stay.hospital_id, positive.taken, positive.stay.admitted),
        patient_id=patient.patient_id,
        resource=f"Observation/{positive.observation_id}",
        is_denominator=False,
        is_numerator=not reason,
        reason=reason,
    )


def _positives(patient: Patient, observations: dict[str, Resource]) -> Iterator[Positive]:
    for observation_id, observation in observations.items():
        values = tokens(observation.get("valueCodeableConcept"))
        found = frozenset((*tokens(observation.get("code")), *values))
        taken = moment_at(observation, "effectiveDateTime", "effectivePeriod.start", "effectiveInstant")
        meanings = [code for one in observation.get("interpretation", ()) for code in tokens(one)]
        is_valid = observation.get("status") in {"final", "amended", "corrected"}
        is_positive = (
            codes.POSITIVE in meanings if meanings else bool(codes.POSITIVE_VALUES.intersection(values))
        )
        if not (is_valid and taken and is_positive):
            continue
        named = referred_id(observation.get("encounter"))
        for stay in sorted(patient.stays, key=lambda one: one.encounter_id != named):
            day = taken.date_in(stay.zone)
            if taken.digits < A_DAY:
                if stay.encounter_id == named:
                    yield Positive(taken.instant, None, observation_id, stay, stay.hospital_id, found)
                break
            if stay.contains(day):
                yield Positive(taken.instant, day, observation_id, stay, _location(stay, day), found)
                break


def _location(stay: Stay, day: date) -> str:
    """Where the patient was on a day, the last such place; the hospital, if that is not told."""
    place = stay.hospital_id
    for entry in stay.resource.get("location", ()):
        start, end = moment_at(entry, "period.start"), moment_at(entry, "period.end")
        began = start is None or start.date_in(stay.zone) <= day
        if began and (end is None or day <= end.date_in(stay.zone)):
            place = referred_id(entry["location"]) or place
    return place


def _devices(stay: Stay, procedures: dict[str, Resource]) -> Iterator[Device]:
    for procedure in procedures.values():
        if referred_id(procedure.get("encounter")) != stay.encounter_id:
            continue
        start = moment_at(procedure, "performedPeriod.start", "performedDateTime")
        end = moment_at(procedure, "performedPeriod.end", "performedDateTime")
        if procedure.get("status") not in {"completed", "in-progress"} or start is None:
            continue
        for code in tokens(procedure.get("code")):
            yield Device(code, start.date_in(stay.zone), end.date_in(stay.zone) if end else None)


def _of_patients(delivered: Delivered, resource_type: str) -> dict[str, dict[str, Resource]]:
    """Resources of a type by patient and id."""
    found: dict[str, dict[str, Resource]] = {}
    for resource_id, resource in delivered.of(resource_type).items():
        found.setdefault(referred_id(resource["subject"]) or "", {})[resource_id] = resource
    return found
