"""Cohorts of electronic clinical quality measures, declared in `cohorts/*.yaml`: their models."""

from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class CohortError(ValueError):
    """A declaration that cannot be read; the message names file and key."""


class Model(BaseModel):
    """Frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Model):
    """From the first day through the last; the encounter ends on one of them."""

    start: date
    end: date

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the period ends on {self.end}, before it begins")
        return self


class Ages(Model):
    """Whole years at the start of the encounter, both ends included; no maximum is none."""

    minimum: int = Field(0, ge=0)
    maximum: int | None = Field(None, ge=0)


class Qualifying(Model):
    """Encounters that may qualify: value sets of their type, and statuses."""

    types: tuple[str, ...] = Field(min_length=1)
    statuses: tuple[str, ...] = ("finished",)


class Preceding(Model):
    """Visits that belong to the hospitalisation, from the one next to the encounter backwards; value sets."""

    visits: tuple[str, ...] = ()
    within_minutes: int = Field(60, ge=0)


class Cohort(Model):
    """An initial population. Without `coverage_types` any patient will do, without `shorter_than_days` any length."""

    measure: str
    measurement_period: Period
    encounter: Qualifying
    coverage_types: tuple[str, ...] = ()
    age_at_start: Ages = Ages()
    shorter_than_days: int | None = Field(None, ge=1)
    preceded_by: Preceding = Preceding()


@cache
def cohorts() -> tuple[Cohort, ...]:
    """Every declared cohort, by name of file; raises CohortError."""
    folder = files("lakehouse") / "transforms" / "clinical" / "cohorts"
    found = [
        read(file) for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")
    ]
    names = [cohort.measure for cohort in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CohortError(f"{', '.join(twice)} is declared twice in {folder}")
    return tuple(found)


def read(file: Traversable) -> Cohort:
    """One declaration; raises CohortError."""
    try:
        return Cohort.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise CohortError(f"{file}: {error}") from error
