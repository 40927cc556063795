"""Observed unplanned readmission within 30 days of discharge, by the written definition."""

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest

from tests.oracle import clinical_codes as codes
from tests.oracle.clinical_evidence import Evidence, stratum
from tests.oracle.clinical_files import Delivered, Resource, referred_id
from tests.oracle.clinical_stays import Episode, Patient, tokens

DAYS = 30


def readmission(everybody: list[Patient], delivered: Delivered, end: date) -> Iterator[Evidence]:
    """Every episode: whether its discharge is an index, and whether an unplanned admission followed."""
    done = _procedures(delivered)
    for patient in everybody:
        for episode, following in zip_longest(patient.episodes, patient.episodes[1:]):
            last = episode.last
            reason = _out(patient, episode, end)
            is_back = is_planned = False
            if not reason and following is not None and last.discharged:
                is_back = 0 <= (following.first.admitted - last.discharged).days <= DAYS
                is_planned = is_back and _is_planned(following, done)
            yield Evidence(
                measure="readmission",
                **stratum(patient, last.hospital_id, last.discharged, episode.first.admitted),
                patient_id=patient.patient_id,
                resource=f"Encounter/{episode.first.encounter_id}",
                is_denominator=not reason,
                is_numerator=is_back and not is_planned,
                reason=reason or ("planned_readmission" if is_planned else None),
            )


def _out(patient: Patient, episode: Episode, end: date) -> str | None:
    last = episode.last
    if last.discharged is None:
        return "open"
    died = patient.died(last.zone)
    if last.disposition == "exp" or (died is not None and died <= last.discharged):
        return "died"
    if last.disposition == "other-hcf":
        return "transferred_out"
    if last.disposition == "aadvice":
        return "against_advice"
    for reason, diagnoses in codes.NOT_AN_INDEX.items():
        if codes.is_of(last.diagnosis, diagnoses):
            return reason
    return "right_censored" if (end - last.discharged).days < DAYS else None


def _is_planned(episode: Episode, done: dict[str, set[str]]) -> bool:
    procedures, diagnosis = done.get(episode.first.encounter_id, set()), episode.first.diagnosis
    if procedures & codes.PLANNED_PROCEDURES or codes.is_of(diagnosis, codes.PLANNED_DIAGNOSES):
        return True
    return bool(procedures & codes.POTENTIALLY_PLANNED_PROCEDURES) and not codes.is_of(diagnosis, codes.ACUTE)


def _procedures(delivered: Delivered) -> dict[str, set[str]]:
    """The codes of what was done, by encounter."""
    done: dict[str, set[str]] = {}
    for procedure in delivered.of("Procedure").values():
        encounter_id = referred_id(procedure.get("encounter"))
        if encounter_id and procedure.get("status") == "completed":
            done.setdefault(encounter_id, set()).update(_codes(procedure))
    return done


def _codes(procedure: Resource) -> list[str]:
    return tokens(procedure.get("code"))
