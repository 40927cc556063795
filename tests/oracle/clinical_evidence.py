"""Evidence for measures: who counts where, who does not and why; and counting it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.clinical_stays import Patient

STRATUM = ("hospital_id", "month", "age_band", "sex")


@dataclass(frozen=True)
class Evidence:
    """One candidate of a measure. `reason` tells why it is out, or what else is to be said of it."""

    measure: str
    hospital_id: str
    month: date | None
    age_band: str
    sex: str
    patient_id: str
    resource: str
    is_denominator: bool
    is_numerator: bool
    reason: str | None

    @property
    def stratum(self) -> tuple[Any, ...]:
        return self.hospital_id, self.month, self.age_band, self.sex


def stratum(patient: Patient, hospital_id: str, month_of: date | None, age_on: date) -> dict[str, Any]:
    """Hospital, month, age band and sex as named values."""
    month = month_of.replace(day=1) if month_of else None
    return {"hospital_id": hospital_id, "month": month, "age_band": patient.band(age_on), "sex": patient.sex}


def count(evidence: Iterable[Evidence], measure: str, also: str = "") -> list[dict[str, Any]]:
    """Numerator and denominator of every stratum that has one; `also` is a reason with a column of its own."""
    counts: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for one in evidence:
        if one.measure == measure:
            counts[one.stratum]["numerator"] += one.is_numerator
            counts[one.stratum]["denominator"] += one.is_denominator
            counts[one.stratum][also] += one.reason == also
    return [
        {
            **dict(zip(STRATUM, key, strict=True)),
            "numerator": found["numerator"],
            "denominator": found["denominator"],
            **({also: found[also]} if also else {}),
        }
        for key, found in sorted(counts.items(), key=lambda item: str(item[0]))
        if found["denominator"] or (also and found[also])
    ]
