"""Gold on the patients of tests/cases/clinical, worked out by hand, and against the oracle on a simulated population.

From FHIR files, through the product's reader and views. The oracle shares no code with the product.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.generate import generate
from tests.lakehouse.transforms.clinical.product import gold_of, silver_of
from tests.oracle.clinical import Result, calculate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = Path(__file__).parents[3] / "cases" / "clinical"
NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
MEASURES = ("mortality", "readmission", "infection", "average_length_of_stay")
EVIDENCE = "measure_evidence"
ANCHOR = "anchor"

type Row = dict[str, Any]
type Gold = dict[str, list[Row]]


def gold(spark: "SparkSession", files: Iterable[Path]) -> Gold:
    """Every measure and the evidence."""
    silver = silver_of(spark, files)
    return {
        table: [row.asDict() for row in gold_of(silver, Address("clinical", "gold", table)).collect()]
        for table in (*MEASURES, EVIDENCE)
    }


def hashed(key: bytes, reference: str) -> str:
    return hmac.new(key, reference.encode(), hashlib.sha256).hexdigest()


def plain(value: object) -> Any:
    """As it is in JSON; numbers with six decimals, as gold has them."""
    if isinstance(value, date):
        return value.isoformat()
    return round(float(value), 6) if isinstance(value, float | Decimal) else value


def in_order(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> list[Row]:
    chosen = list(names)
    plainly = ({name: plain(row[name]) for name in chosen} for row in rows)
    return sorted(plainly, key=lambda row: json.dumps(row, sort_keys=True))


@pytest.fixture(scope="module")
def made(spark: "SparkSession", evidence_key: bytes) -> Gold:
    """Gold of all cases, loaded at once."""
    return gold(spark, files())


def files() -> list[Path]:
    return [
        path
        for name in NAMES
        for path in (*(CASES / name).glob("*.ndjson"), *(CASES / name).glob("bundle.json"))
    ]


@pytest.fixture(scope="module")
def references(evidence_key: bytes) -> dict[str, str]:
    """Hash → reference, of everything that the files name."""
    found: dict[str, str] = {}
    for path in files():
        if path.suffix == ".ndjson":
            for line in path.read_text(encoding="utf-8").splitlines():
                resource = json.loads(line)
                reference = f"{resource['resourceType']}/{resource['id']}"
                found[hashed(evidence_key, reference)] = reference
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_patient(made: Gold, references: dict[str, str], name: str) -> None:
    expected: dict[str, list[Row]] = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    for measure, rows in expected.items():
        names = {column for row in rows for column in row}
        if measure == "evidence":
            found = [
                {**row, "resource": references[row["resource_hash"]]}
                for row in made[EVIDENCE]
                if row["measure"] != "average_length_of_stay"
            ]
        else:
            found = made[measure]
        ours = [row for row in found if row["hospital_id"].startswith(f"{name[:2]}-")]

        assert in_order(ours, names & {*(ours[0] if ours else names)}) == in_order(rows, names), measure


def same_as_oracle(found: Gold, result: Result, key: bytes) -> None:
    for measure in MEASURES:
        rows = result.measures[measure]
        names = {name for row in rows for name in row} - {"lengths"}
        assert in_order(found[measure], names) == in_order(rows, names), measure
    told = [
        {
            **vars(one),
            "resource_hash": hashed(key, one.resource),
            "subject_hash": hashed(key, f"Patient/{one.patient_id}"),
        }
        for one in result.evidence
    ]
    evidence = [row for row in found[EVIDENCE] if row["measure"] != "average_length_of_stay"]
    names = {*evidence[0]}
    assert in_order(evidence, names) == in_order(told, names)


def test_all_that_the_oracle_says_of_them(made: Gold, evidence_key: bytes) -> None:
    same_as_oracle(made, calculate(CASES, files()), evidence_key)


def test_figures_are_sums_of_the_evidence(made: Gold) -> None:
    for measure in ("mortality", "readmission"):
        rows = [row for row in made[EVIDENCE] if row["measure"] == measure]
        for counted, column in (("is_numerator", "numerator"), ("is_denominator", "denominator")):
            assert sum(row[counted] for row in rows) == sum(row[column] for row in made[measure])
    events = [row for row in made["infection"] if row["numerator"]]
    assert {row["event"] for row in events} == {
        "cdi_labid",
        "mrsa_bacteremia_labid",
        "clabsi_proxy",
        "cauti_proxy",
    }
    for row in events:
        counted_in = [
            one
            for one in made[EVIDENCE]
            if one["measure"] == row["event"]
            and all(one[name] == row[name] for name in ("hospital_id", "month", "age_band", "sex"))
        ]
        assert sum(one["is_numerator"] for one in counted_in) == row["numerator"]
    days = {row["discharges"] for row in made["average_length_of_stay"]}
    stays = [
        row for row in made[EVIDENCE] if row["measure"] == "average_length_of_stay" and row["is_denominator"]
    ]
    assert days
    assert len(stays) == sum(row["discharges"] for row in made["average_length_of_stay"])


def test_a_simulated_population(spark: "SparkSession", evidence_key: bytes, tmp_path: Path) -> None:
    """With corrections, deletions, repeats and late deliveries."""
    generate(
        Simulation(seed=11, patients=150, hospitals=3, months=8, deliveries=4, vital_signs=0.1), tmp_path
    )
    delivered = [path for path in tmp_path.rglob("*") if path.is_file()]
    result = calculate(tmp_path)

    assert all(result.measures[measure] for measure in MEASURES)
    same_as_oracle(gold(spark, delivered), result, evidence_key)
