"""The measures of simulated populations through the real steps: what the simulator's ledgers say, row for row.

A ledger counts what the simulator decided, before any FHIR is written. `LAKEHOUSE_TEST_POPULATIONS=20` seeds of
`LAKEHOUSE_TEST_PATIENTS=500` people each are loaded into one lake in two runs, every other one with faults among the
records.
"""

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.faults import Faults
from lakehouse.simulate.fhir.generate import generate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake

POPULATIONS = int(os.environ.get("LAKEHOUSE_TEST_POPULATIONS", "20"))
PATIENTS = int(os.environ.get("LAKEHOUSE_TEST_PATIENTS", "100"))
DELIVERIES = 6
FIRST_RUN = 4
"""Deliveries that the first run takes in; those of the second correct them."""
OWN_ID = re.compile(r"\b(?=p\d{7}|hospital-\d)")
"""Where an id begins that every population has: people's, and all that is theirs; hospitals' and their units'."""
STRATUM = ("hospital_id", "month", "age_band", "sex")
SHARES = ("numerator", "denominator")
FIGURES = {
    "mortality": (*SHARES, "unknown_vital_status", "is_complete"),
    "readmission": SHARES,
    "infection": SHARES,
    "average_length_of_stay": ("discharges", "patient_days", "median_days"),
}
IN_NUMERATOR = {"mortality": "died_within_30_days", "readmission": "readmitted"}
FAULTS = Faults(
    invalid_json=0.002,
    wrong_resource_type=0.002,
    missing_subject=0.002,
    dangling_reference=0.002,
    impossible_date=0.002,
    end_before_start=0.002,
    xml_file=0.3,
    truncated_bundle=0.3,
)

type Ledger = dict[str, Any]
type Figures = dict[tuple[str, ...], tuple[Any, ...]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]  # on a machine that others use as well


def population(seed: int) -> Simulation:
    """Their number of hospitals differs, and how they are delivered."""
    return Simulation(
        seed=seed,
        patients=PATIENTS,
        hospitals=seed % 7 + 1,
        deliveries=DELIVERIES,
        vital_signs=0.1,
        file_format="bundle" if seed % 4 > 1 else "ndjson",
        is_gzip=seed % 3 == 0,
        faults=FAULTS if seed % 2 else Faults(),
    )


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Ledger]:
    """By the folder of the files."""
    folders = {seed: tmp_path_factory.mktemp(f"seed{seed}-") for seed in range(1, POPULATIONS + 1)}
    return {folder: generate(population(seed), folder) for seed, folder in folders.items()}


@pytest.fixture(scope="module")
def lake(spark: "SparkSession", s3: "S3Client", evidence_key: bytes, ledgers: dict[Path, Ledger]) -> "Lake":
    from tests.lakehouse.steps.lake import Lake

    made = Lake.of_its_own(spark, s3, "clinical")
    for is_later in (False, True):
        for folder, ledger in ledgers.items():
            for name in ledger["files"]:
                if (delivery(name) > FIRST_RUN) == is_later:
                    dataset, _, file = name.rpartition("/")
                    made.deliver(dataset, f"{mark(ledger)}{file}", of_its_own(folder / name, mark(ledger)))
        made.run("later" if is_later else "earlier", rejected_share_limit=1.0)
    return made


def delivery(name: str) -> int:
    """Which delivery brings a file, from 1."""
    return int(Path(name).name.split("-")[1])


def mark(ledger: Ledger) -> str:
    """What the ids of a population begin with here."""
    return f"seed{ledger['seed']}-"


def of_its_own(path: Path, prefix: str) -> bytes:
    """The file with ids that no other population has."""
    content = path.read_bytes()
    is_gzip = path.suffix == ".gz"
    text = (gzip.decompress(content) if is_gzip else content).decode()
    renamed = OWN_ID.sub(prefix, text).encode()
    return gzip.compress(renamed, mtime=0) if is_gzip else renamed


@pytest.mark.parametrize("measure", FIGURES)
def test_a_measure_is_the_ledgers(lake: "Lake", ledgers: dict[Path, Ledger], measure: str) -> None:
    rows = [row.asDict() for row in lake.table(f"gold.{measure}").collect()]
    found = figures(measure, rows)
    expected: Figures = {}
    for ledger in ledgers.values():
        expected |= figures(measure, of_ledger(ledger, measure))

    assert len(found) == len(rows)
    assert len(expected) > POPULATIONS
    assert sorted(different(found, expected)) == []


def of_ledger(ledger: Ledger, measure: str) -> Iterator[dict[str, Any]]:
    for row in ledger["measures"][measure]:
        told = {"median_days": median(row["lengths"])} if "lengths" in row else {}
        yield {**row, **told, "hospital_id": f"{mark(ledger)}{row['hospital_id']}"}


def figures(measure: str, rows: Iterable[Mapping[str, Any]]) -> Figures:
    """By stratum, and event where there is one."""
    return {
        (row.get("event", ""), *(str(row[name]) for name in STRATUM)): tuple(
            row[name] for name in FIGURES[measure]
        )
        for row in rows
    }


def different(found: Figures, expected: Figures) -> Iterator[tuple[Any, ...]]:
    """Stratum, what gold says and what the ledger says."""
    for stratum in found.keys() | expected.keys():
        if (ours := found.get(stratum)) != (theirs := expected.get(stratum)):
            yield *stratum, ours, theirs


@pytest.mark.parametrize("measure", IN_NUMERATOR)
def test_episodes_are_in_and_out_for_the_ledgers_reasons(
    lake: "Lake", ledgers: dict[Path, Ledger], measure: str
) -> None:
    """The ledger has no reason for open stays, which are no candidates there."""
    rows = lake.table("gold.measure_evidence").where(f"measure = '{measure}'").collect()
    found = Counter(
        row["reason"] or (IN_NUMERATOR[measure] if row["is_numerator"] else "included") for row in rows
    )
    del found["open"]

    assert found == sum((Counter(ledger["reasons"][measure]) for ledger in ledgers.values()), Counter())
