"""Why somebody is admitted: the principal diagnosis, what is done, and whether that makes coming planned."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from lakehouse.simulate.fhir.codes import ALWAYS_PLANNED, DIAGNOSES, POTENTIALLY_PLANNED, Code, Kind
from lakehouse.simulate.fhir.truth import Treatment

MIX = (
    (Kind.ACUTE, 0.66),
    (Kind.ELECTIVE, 0.14),
    (Kind.PSYCHIATRIC, 0.06),
    (Kind.CANCER, 0.06),
    (Kind.REHABILITATION, 0.04),
    (Kind.CHEMOTHERAPY, 0.04),
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody is admitted; `planned_later` is done at the second hospital of the episode, if there is one."""

    kind: Kind
    diagnosis: Code
    treatments: tuple[Treatment, ...] = ()
    is_planned: bool = False
    planned_later: Treatment | None = None


def any_cause(rng: random.Random) -> Cause:
    """Planned or not, as it happens."""
    kind = rng.choices([kind for kind, _ in MIX], [share for _, share in MIX])[0]
    if kind is Kind.ELECTIVE:
        return _elective_surgery(rng)
    if kind in {Kind.REHABILITATION, Kind.CHEMOTHERAPY}:
        return _planned_by_diagnosis(rng, kind)
    return Cause(kind, rng.choice(DIAGNOSES[kind]))


def planned_cause(rng: random.Random) -> Cause:
    """One that makes coming planned."""
    return rng.choice(_PLANNED)(rng)


def unplanned_cause(rng: random.Random) -> Cause:
    """One that does not make coming planned, though some look as if."""
    return rng.choice(_UNPLANNED)(rng)


def acute_cause(rng: random.Random) -> Cause:
    """An acute diagnosis, nothing done."""
    return Cause(Kind.ACUTE, rng.choice(DIAGNOSES[Kind.ACUTE]))


def _elective_surgery(rng: random.Random) -> Cause:
    diagnosis = rng.choice(DIAGNOSES[Kind.ELECTIVE])
    treatment = Treatment(POTENTIALLY_PLANNED[diagnosis.code], 0)
    return Cause(Kind.ELECTIVE, diagnosis, (treatment,), is_planned=True)


def _planned_by_diagnosis(rng: random.Random, kind: Kind) -> Cause:
    return Cause(kind, rng.choice(DIAGNOSES[kind]), is_planned=True)


def _chemotherapy(rng: random.Random) -> Cause:
    return _planned_by_diagnosis(rng, Kind.CHEMOTHERAPY)


def _rehabilitation(rng: random.Random) -> Cause:
    return _planned_by_diagnosis(rng, Kind.REHABILITATION)


def _transplant(rng: random.Random) -> Cause:
    # Always planned, whatever the diagnosis.
    cause = acute_cause(rng)
    treatment = Treatment(rng.choice(ALWAYS_PLANNED), 0)
    return Cause(cause.kind, cause.diagnosis, (treatment,), is_planned=True)


def _surgery_in_an_emergency(rng: random.Random) -> Cause:
    cause = acute_cause(rng)
    treatment = Treatment(rng.choice(list(POTENTIALLY_PLANNED.values())), 0)
    return Cause(cause.kind, cause.diagnosis, (treatment,))


def _transplant_called_off(rng: random.Random) -> Cause:
    cause = acute_cause(rng)
    treatment = Treatment(rng.choice(ALWAYS_PLANNED), 0, status="not-done")
    return Cause(cause.kind, cause.diagnosis, (treatment,))


def _transplant_after_transfer(rng: random.Random) -> Cause:
    cause = acute_cause(rng)
    return Cause(cause.kind, cause.diagnosis, planned_later=Treatment(rng.choice(ALWAYS_PLANNED), 0))


def _elective_without_surgery(rng: random.Random) -> Cause:
    return Cause(Kind.ELECTIVE, rng.choice(DIAGNOSES[Kind.ELECTIVE]))


def _other_illness(rng: random.Random) -> Cause:
    kind = rng.choice((Kind.PSYCHIATRIC, Kind.CANCER))
    return Cause(kind, rng.choice(DIAGNOSES[kind]))


_PLANNED: tuple[Callable[[random.Random], Cause], ...] = (
    _elective_surgery, _chemotherapy, _rehabilitation, _transplant,
)  # fmt: skip
_UNPLANNED: tuple[Callable[[random.Random], Cause], ...] = (
    acute_cause, acute_cause, acute_cause, acute_cause, _surgery_in_an_emergency, _transplant_called_off,
    _transplant_after_transfer, _elective_without_surgery, _other_illness,
)  # fmt: skip
