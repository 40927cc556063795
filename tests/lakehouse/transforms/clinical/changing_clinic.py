"""A small clinic's silver, drawn by a seed, and what may happen to it later, one thing at a time."""

import random
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.lakehouse.transforms.clinical.clinic import (
    BLOOD_CULTURE,
    CDI_TEST,
    MRSA,
    URINE_CULTURE,
    condition,
    culture,
    dead,
    organization,
    patient,
    procedure,
    stay,
)

ZONES = {"h1": "America/New_York", "h2": "Pacific/Kiritimati", "h3": None}
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2024, 9, 20)
PATIENTS = 25
DIAGNOSES = ("I21.4", "Z51.5", "F20.0", "C34.1", *("J18.9",) * 6)
TESTS = (CDI_TEST, BLOOD_CULTURE, URINE_CULTURE)
PLANNED, JOINT, LINE, CATHETER = "30233G0", "0SR90JZ", "02HV33Z", "0T9B70Z"
DISPOSITIONS = (*("home",) * 8, "aadvice", "hosp", "other-hcf")

type Rows = dict[str, dict[str, Any]]
"""Rows by their key."""


@dataclass
class Clinic:
    """Silver's tables, of which a row is found by its key."""

    rng: random.Random
    tables: dict[str, Rows] = field(default_factory=dict)
    number: int = 0

    @classmethod
    def draw(cls, seed: int) -> "Clinic":
        names = ("patient", "organization", "encounter", "condition", "procedure", "observation")
        made = cls(random.Random(seed), {name: {} for name in names})
        for key, zone in ZONES.items():
            made.put("organization", organization(key, zone))
        for number in range(PATIENTS):
            made.admit_again(made.register(number))
        made.admit("p0", LAST_DAY - timedelta(days=2), days=None)
        return made

    def copy(self) -> "Clinic":
        return deepcopy(self)

    def put(self, table: str, row: Any) -> None:
        self.tables[table][str(row[f"{table}_id"])] = dict(row)

    def pick(self, table: str, keys: Iterable[str] = ()) -> dict[str, Any]:
        rows = self.tables[table]
        return rows[self.rng.choice(sorted(keys or rows))]

    def key(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.rng.randrange((LAST_DAY - FIRST_DAY).days - 40))

    def register(self, number: int) -> str:
        birth = f"{self.rng.randrange(1930, 1990)}-05-01"
        self.put("patient", patient(f"p{number}", birth_date=birth, sex=self.rng.choice(["male", "female"])))
        return f"p{number}"

    def admit_again(self, key: str) -> None:
        """Some stays, some of which follow closely upon the one before."""
        for _ in range(self.rng.randrange(1, 3)):
            day = self.day()
            for _ in range(self.rng.randrange(1, 3)):
                days = self.rng.choice([0, 1, 2, 5, 12, 40])
                self.admit(key, day, days)
                day += timedelta(days=days + self.rng.choice([0, 1, 3, 29, 31]))

    def admit(self, key: str, day: date, days: int | None) -> str:
        """A stay with what belongs to it; without a number of days it is open."""
        rng, name = self.rng, self.key("e")
        diagnosis = self.key("c")
        self.put("condition", condition(diagnosis, rng.choice(DIAGNOSES), key, onset_date=str(day)))
        end = None if days is None else day + timedelta(days=days)
        self.put(
            "encounter",
            stay(
                name,
                f"{day} {rng.choice(['02', '09', '13'])}:00:00",
                None if end is None else f"{end} {rng.choice(['14', '23'])}:00:00",
                key,
                organization_id=rng.choice(sorted(ZONES)),
                principal_diagnosis_id=diagnosis,
                discharge_disposition=None if end is None else rng.choice(DISPOSITIONS),
                admit_source=rng.choice(["hosp-trans", None, None, None]),
            ),
        )
        if rng.random() < 0.3:
            code = rng.choice([PLANNED, JOINT, LINE, CATHETER])
            self.put("procedure", procedure(self.key("x"), code, name, key, start=str(day)))
        if rng.random() < 0.4:
            self.take_specimen(name)
        return name

    def take_specimen(self, encounter: str) -> None:
        """A positive one, on some day of a stay."""
        of = self.tables["encounter"][encounter]
        days = self.rng.choice([0, 1, 4, 6, 18])
        taken = date.fromisoformat(of["start_date"]) + timedelta(days=days)
        found = {"value_codes": self.rng.choice([MRSA, None])}
        row = culture(
            self.key("o"), self.rng.choice(TESTS), f"{taken} 12:00:00", encounter, of["patient_id"], **found
        )
        self.put("observation", row)

    def living(self) -> list[str]:
        """Encounters that are not deleted."""
        rows = self.tables["encounter"]
        return [key for key, row in rows.items() if row["is_deleted"] == "false"]


def new_stay(clinic: Clinic) -> None:
    clinic.admit(clinic.pick("patient")["patient_id"], clinic.day(), clinic.rng.choice([0, 3, 20]))


def new_last_day(clinic: Clinic) -> None:
    """The end of data moves."""
    last = max(
        str(row["period_start"])[:10]
        for row in clinic.tables["encounter"].values()
        if row.get("period_start")
    )
    day = date.fromisoformat(last) + timedelta(days=clinic.rng.choice([1, 2, 15, 40]))
    clinic.admit(clinic.pick("patient")["patient_id"], day, clinic.rng.choice([0, None]))


def close_or_open(clinic: Clinic) -> None:
    row = clinic.pick("encounter", clinic.living())
    if row["status"] == "finished":
        row |= {"status": "in-progress", "period_end": None, "end_date": None, "period_end_precision": None}
        return
    end = date.fromisoformat(row["start_date"]) + timedelta(days=4)
    row |= {
        "status": "finished",
        "period_end": f"{end} 14:00:00",
        "end_date": str(end),
        "period_end_precision": 14,
    }


def leave_later(clinic: Clinic) -> None:
    row = clinic.pick("encounter", [k for k in clinic.living() if clinic.tables["encounter"][k]["end_date"]])
    end = date.fromisoformat(row["end_date"]) + timedelta(days=clinic.rng.choice([1, 9, 30]))
    row |= {"period_end": f"{end} 14:00:00", "end_date": str(end)}


def delete(clinic: Clinic) -> None:
    table = clinic.rng.choice(["encounter", "encounter", "condition", "procedure", "observation"])
    key = clinic.pick(table)[f"{table}_id"]
    clinic.put(table, {f"{table}_id": key, "is_deleted": "true"})


def merge_patients(clinic: Clinic) -> None:
    """What was recorded of one patient is another's; the record of the first is deleted."""
    one, other = clinic.rng.sample(sorted(clinic.tables["patient"]), 2)
    for table in ("encounter", "condition", "procedure", "observation"):
        for row in clinic.tables[table].values():
            if row.get("patient_id") == one:
                row["patient_id"] = other
    clinic.put("patient", {"patient_id": one, "is_deleted": "true"})


def die(clinic: Clinic) -> None:
    row = clinic.pick("encounter", clinic.living())
    died = date.fromisoformat(row["start_date"]) + timedelta(days=clinic.rng.choice([0, 1, 20, 31]))
    of = clinic.tables["patient"][row["patient_id"]]
    clinic.put(
        "patient",
        {**of, **dead(row["patient_id"], str(died), birth_date=of.get("birth_date"), sex=of.get("sex"))},
    )


def diagnose_otherwise(clinic: Clinic) -> None:
    row = clinic.pick("condition")
    clinic.put(
        "condition",
        {
            **row,
            **condition(row["condition_id"], clinic.rng.choice(DIAGNOSES), row.get("patient_id") or "p1"),
        },
    )


def find_later(clinic: Clinic) -> None:
    clinic.take_specimen(clinic.pick("encounter", clinic.living())["encounter_id"])


def operate_later(clinic: Clinic) -> None:
    row = clinic.pick("encounter", clinic.living())
    code = clinic.rng.choice([PLANNED, JOINT, LINE, CATHETER])
    # Recorded for somebody else by mistake: what counts is the encounter.
    of = clinic.rng.choice([row["patient_id"], "p1"])
    clinic.put(
        "procedure", procedure(clinic.key("x"), code, row["encounter_id"], of, start=row["start_date"])
    )


def move_hospital(clinic: Clinic) -> None:
    """A hospital's clock was wrong."""
    row = clinic.pick("organization")
    row["time_zone"] = clinic.rng.choice(["Europe/Berlin", "Pacific/Pago_Pago"])


def transfer(clinic: Clinic) -> None:
    row = clinic.pick("encounter", [k for k in clinic.living() if clinic.tables["encounter"][k]["end_date"]])
    clinic.admit(row["patient_id"], date.fromisoformat(row["end_date"]), 3)


CHANGES: tuple[Callable[[Clinic], None], ...] = (
    new_stay,
    new_last_day,
    close_or_open,
    leave_later,
    delete,
    merge_patients,
    die,
    diagnose_otherwise,
    find_later,
    operate_later,
    move_hospital,
    transfer,
)
