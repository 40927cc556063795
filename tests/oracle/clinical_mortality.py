"""Observed 30-day mortality after admission, by the written definition."""

from collections.abc import Iterator
from datetime import date

from tests.oracle.clinical_codes import PALLIATIVE_CARE
from tests.oracle.clinical_evidence import Evidence, stratum
from tests.oracle.clinical_files import Delivered, moment_at, referred_id
from tests.oracle.clinical_stays import Episode, Patient, is_error, tokens

DAYS = 30


def mortality(everybody: list[Patient], delivered: Delivered) -> Iterator[Evidence]:
    """Every closed episode: whether it is an index, and whether death followed within 30 days of admission."""
    palliative = set(_palliative_days(delivered))
    for patient in everybody:
        years = set()
        for episode in patient.episodes:
            if episode.is_open:
                continue
            admitted = episode.first.admitted
            reason = _out(patient, episode, (patient.patient_id, admitted) in palliative)
            if not reason and admitted.year in years:
                reason = "later_in_period"
            if not reason:
                years.add(admitted.year)
            is_dead = patient.died is not None and 0 <= (patient.died - admitted).days <= DAYS
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
    if episode.first.source == "hosp-trans":
        return "transferred_in"
    if last.disposition == "aadvice":
        return "against_advice"
    if is_palliative or (last.disposition == "hosp" and is_same_day):
        return "hospice_on_admission_day"
    if is_same_day and len(episode.stays) == 1 and patient.died != admitted:
        return "same_day_alive"
    return "unknown_vital_status" if patient.is_vital_status_unknown else None


def _palliative_days(delivered: Delivered) -> Iterator[tuple[str | None, date]]:
    for condition in delivered.of("Condition").values():
        since = moment_at(condition, "onsetDateTime", "recordedDate")
        if PALLIATIVE_CARE in tokens(condition.get("code")) and since and not is_error(condition):
            yield referred_id(condition["subject"]), since.written_date
