"""Who is registered: sex, date of birth and how much of it is known."""

import random
from datetime import date, timedelta

from lakehouse.simulate.fhir.truth import Person

SEXES = (("female", 0.5), ("male", 0.47), ("other", 0.01), ("unknown", 0.01), ("", 0.01))
"""Administrative gender; empty: not told."""
COVERAGES = ("1", "1", "11", "2", "5", "81")
"""Of the Source of Payment Typology: Medicare, Medicare Advantage, Medicaid, private, self-pay."""
PARTIAL_SHARE = 0.04
DELETED_SHARE = 0.01
OLD_SHARE = 0.65
LEAP_BIRTH_SHARE = 0.005


def register(rng: random.Random, number: int, start: date) -> Person:
    """Make the next person, without a fate."""
    text, first_day = _birth(rng, start)
    return Person(
        patient_id=f"p{number:07d}",
        number=number,
        sex=rng.choices([sex for sex, _ in SEXES], [share for _, share in SEXES])[0],
        birth_text=text,
        birth_date=first_day,
        is_deleted=number > 1 and rng.random() < DELETED_SHARE,
        coverage=rng.choice(COVERAGES),
    )


def _birth(rng: random.Random, start: date) -> tuple[str, date | None]:
    years = rng.randrange(60, 98) if rng.random() < OLD_SHARE else rng.randrange(0, 60)
    day = start - timedelta(days=int(years * 365.25) + rng.randrange(366))
    if rng.random() < LEAP_BIRTH_SHARE:
        day = date(day.year - day.year % 4, 2, 29)
    draw = rng.random()
    if draw < PARTIAL_SHARE / 4:
        return "", None
    if draw < PARTIAL_SHARE / 2:
        return f"{day.year:04d}", date(day.year, 1, 1)
    if draw < PARTIAL_SHARE:
        return f"{day.year:04d}-{day.month:02d}", date(day.year, day.month, 1)
    return day.isoformat(), day
