"""The clinical measures calculated a second time, from docs/clinical.md's definitions alone: plain Python, no engine.

    result = calculate(directory)
    result.measures["mortality"], result.evidence, result.rejected

Rows are dictionaries with `hospital_id`, `month` (its first day), `age_band`, `sex` and the measure's figures.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.oracle.clinical_evidence import STRATUM, Evidence, count, stratum
from tests.oracle.clinical_files import Rejected, read
from tests.oracle.clinical_infection import infection
from tests.oracle.clinical_mortality import mortality
from tests.oracle.clinical_readmission import readmission
from tests.oracle.clinical_stays import Patient, end_of_data, patients

FOLLOW_UP_DAYS = 30


@dataclass(frozen=True)
class Result:
    """What the files say: everybody's episodes, the rows of each measure, the evidence, and what was rejected."""

    patients: list[Patient]
    end_of_data: date
    measures: dict[str, list[dict[str, Any]]]
    evidence: list[Evidence]
    rejected: list[Rejected]


def calculate(directory: Path, files: Iterable[Path] = ()) -> Result:
    """Calculate everything from FHIR files below a directory: from those that are named, or from all."""
    found = list(files) or [
        path for path in directory.rglob("*") if {".json", ".ndjson"} & set(path.suffixes)
    ]
    delivered = read(found, directory)
    everybody = patients(delivered)
    end = end_of_data(everybody)
    of_episodes = [*mortality(everybody, delivered), *readmission(everybody, delivered, end)]
    infections, of_specimens = infection(everybody, delivered, end)
    deaths = count(of_episodes, "mortality", also="unknown_vital_status")
    return Result(
        patients=everybody,
        end_of_data=end,
        measures={
            "mortality": [{**row, "is_complete": _is_complete(row["month"], end)} for row in deaths],
            "readmission": count(of_episodes, "readmission"),
            "infection": infections,
            "average_length_of_stay": lengths_of_stay(everybody),
        },
        evidence=[*of_episodes, *of_specimens],
        rejected=delivered.rejected,
    )


def lengths_of_stay(everybody: list[Patient]) -> list[dict[str, Any]]:
    """Days from admission to discharge of every closed stay, by the month of discharge; a same-day stay is one day."""
    found: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for patient in everybody:
        for stay in patient.stays:
            if stay.discharged:
                key = stratum(patient, stay.hospital_id, stay.discharged, stay.admitted)
                found[tuple(key.values())].append(max(1, (stay.discharged - stay.admitted).days))
    return [
        {
            **dict(zip(STRATUM, key, strict=True)),
            "discharges": len(days),
            "patient_days": sum(days),
            "lengths": sorted(days),
            "mean_days": statistics.fmean(days),
            "standard_deviation_days": statistics.stdev(days) if len(days) > 1 else None,
            "median_days": _quantile(days, 0.5),
            "p90_days": _quantile(days, 0.9),
        }
        for key, days in sorted(found.items())
    ]


def _quantile(values: list[int], share: float) -> float:
    """By linear interpolation between the two nearest."""
    ordered = sorted(values)
    whole, rest = divmod(share * (len(ordered) - 1), 1)
    above = ordered[min(int(whole) + 1, len(ordered) - 1)]
    return ordered[int(whole)] + rest * (above - ordered[int(whole)])


def _is_complete(month: date, end: date) -> bool:
    """Whether the month and the 30 days after it lie before the end of data."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (end - after).days + 1 >= FOLLOW_UP_DAYS
