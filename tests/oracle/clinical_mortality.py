"""Observed 30-day mortality after admission, by the written definition."""

from collections.abc import Iterator
from dataclasses import replace

from tests.oracle.clinical_codes import PALLIATIVE_CARE
from tests.oracle.clinical_evidence import Evidence, stratum
from tests.oracle.clinical_files import Delivered, moment_at, referred_id
from tests.oracle.clinical_stays import Episode, Patient, is_error, tokens
from tests.oracle.clinical_times import A_DAY, Moment

DAYS = 30


def mortality(everybody: list[Patient], delivered: Delivered) -> Iterator[Evidence]:
    """Every episode: whether it is an index, and whether death followed within 30 days of admission."""
    palliative = _palliative_care(delivered)
    for patient in everybody:
        years = set()
        is_counted = False
        for episode in patient.episodes:
            first = episode.first
            admitted, died = first.admitted, patient.died(first.zone)
            given = {since.date_in(first.zone) for since in palliative.get(patient.patient_id, ())}
            reason = _out(patient, episode, is_palliative=admitted in given)
            if not reason and admitted.year in years:
                reason = "later_in_period"
            is_dead = died is not None and 0 <= (died - admitted).days <= DAYS
            if not reason:
                years.add(admitted.year)
                is_before, is_counted = is_counted, is_dead
                reason = "death_counted_before" if is_before else None
            yield Evidence(
                measure="mortality",
                **stratum(patient, episode.first.hospital_id, admitted, admitted),
                patient_id=patient.patient_id,
                resource=f"Encounter/{episode.first.encounter_id}",
                is_denominator=not reason,
                is_numerator=not reason and is_dead,
                reason=reason,
            )


def _out(patient: Patient, episode: Episode, is_palliative: bool) -> str | None:
    last, admitted = episode.last, episode.first.admitted
    is_same_day = last.discharged == admitted
    is_moved = last.disposition == "other-hcf" or last.hospital_id != episode.first.hospital_id
    if episode.is_open:
        return "open"
    if episode.first.source == "hosp-trans":
        return "transferred_in"
    if last.disposition == "aadvice":
        return "against_advice"
    if is_palliative or (last.disposition == "hosp" and is_same_day):
        return "hospice_on_admission_day"
    if is_same_day and not is_moved and patient.died(episode.first.zone) != admitted:
        return "same_day_alive"
    return "unknown_vital_status" if patient.is_vital_status_unknown else None


def _palliative_care(delivered: Delivered) -> dict[str, list[Moment]]:
    """By patient, since when there was palliative care; a record tells no more than its date."""
    found: dict[str, list[Moment]] = {}
    for condition in delivered.of("Condition").values():
        onset, recorded = moment_at(condition, "onsetDateTime"), moment_at(condition, "recordedDate")
        since = onset or (recorded and replace(recorded, digits=A_DAY))
        if PALLIATIVE_CARE in tokens(condition.get("code")) and since and not is_error(condition):
            found.setdefault(referred_id(condition["subject"]) or "", []).append(since)
    return found
