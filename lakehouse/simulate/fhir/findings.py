"""What happens during stays: lines and catheters, and specimens with what was found in them."""

import random
from datetime import date

from lakehouse.simulate.fhir.codes import (
    BLOOD_CULTURE,
    CDI_TOXIN,
    CENTRAL_LINE,
    E_COLI,
    MRSA,
    URINARY_CATHETER,
    URINE_CULTURE,
    Code,
)
from lakehouse.simulate.fhir.truth import Device, Person, Specimen, Stay

DEVICE_SHARE = 0.18
DEVICES_OF_A_KIND = (1, 1, 1, 2)
STILL_THERE_SHARE = 0.5
SPECIMEN_SHARE = 0.06
SPECIMEN_SHARE_WITH_DEVICE = 0.45
MRSA_SHARE = 0.4
POSITIVE_SHARE = 0.65
WITH_ENCOUNTER_SHARE = 0.8
STATUSES = ("final",) * 14 + ("amended", "corrected", "preliminary", "entered-in-error", "cancelled")
GAPS = (1, 5, 13, 14, 15, 16)
"""Days to the next specimen of a kind, about the boundary of the 14-day rule."""
FIRST_DAYS_SHARE = 0.5
FIRST_DAYS = (2, 3)
"""About the boundary of what is brought along and what is acquired."""


def add_findings(rng: random.Random, person: Person, last_day: date) -> None:
    """Put devices and specimens into every stay of a person; no test is made twice on one date."""
    taken: set[tuple[Code, date]] = set()
    for stay in person.stays:
        _add_devices(rng, stay, last_day)
        for test, device in (
            (CDI_TOXIN, None),
            (BLOOD_CULTURE, CENTRAL_LINE),
            (URINE_CULTURE, URINARY_CATHETER),
        ):
            has_device = any(one.code == device for one in stay.devices)
            if rng.random() < (SPECIMEN_SHARE_WITH_DEVICE if has_device else SPECIMEN_SHARE):
                _add_specimens(rng, stay, test, last_day, taken)


def _add_devices(rng: random.Random, stay: Stay, last_day: date) -> None:
    """Lines and catheters, sometimes two of a kind, one after the other or at once."""
    days = stay.days(last_day)
    for code in (CENTRAL_LINE, URINARY_CATHETER):
        if rng.random() >= DEVICE_SHARE:
            continue
        for _ in range(rng.choice(DEVICES_OF_A_KIND)):
            day = rng.randint(0, max(0, days - 1))
            is_still_there = stay.is_open and rng.random() < STILL_THERE_SHARE
            stay.devices.append(Device(code, day, None if is_still_there else rng.randint(day, days)))


def _add_specimens(
    rng: random.Random, stay: Stay, test: Code, last_day: date, taken: set[tuple[Code, date]]
) -> None:
    days = stay.days(last_day)
    day = rng.choice(FIRST_DAYS) if rng.random() < FIRST_DAYS_SHARE else rng.randint(0, days)
    while day <= days:
        date_taken = stay.date_of(day)
        if day != stay.move_day and (test, date_taken) not in taken:
            taken.add((test, date_taken))
            stay.specimens.append(_specimen(rng, test, day, days))
        day += rng.choice(GAPS)


def _specimen(rng: random.Random, test: Code, day: int, days: int) -> Specimen:
    organism = None
    if test != CDI_TOXIN:
        organism = MRSA if test == BLOOD_CULTURE and rng.random() < MRSA_SHARE else E_COLI
    return Specimen(
        test=test,
        day=day,
        is_positive=rng.random() < POSITIVE_SHARE,
        organism=organism,
        status=rng.choice(STATUSES),
        # Without its encounter a specimen belongs to the stay of its date: only one may contain that.
        is_with_encounter=not 1 < day < days - 1 or rng.random() < WITH_ENCOUNTER_SHARE,
    )
