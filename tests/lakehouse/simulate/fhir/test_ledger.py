"""The ledger, which the simulator writes from its decisions, against the oracle, which reads the files."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lakehouse.simulate.fhir.faults import Faults
from tests.lakehouse.simulate.fhir.population import deliver
from tests.oracle.clinical import Result, calculate

KEY = ("event", "hospital_id", "month", "age_band", "sex")
RULES = {
    "invalid_json": "malformed",
    "wrong_resource_type": "unknown:resource_type",
    "missing_subject": "required:patient_id",
    "dangling_reference": "reference:patient_id",
    "impossible_date": "type",
    "end_before_start": "period:encounter",
    "xml_file": "unreadable",
    "truncated_bundle": "unreadable",
}
EVERY_FAULT = Faults(**(dict.fromkeys(RULES, 0.05) | {"xml_file": 0.9, "truncated_bundle": 0.9}))


@pytest.mark.parametrize("seed", range(1, 21))
def test_oracle_and_ledger_agree(tmp_path: Path, seed: int) -> None:
    truth = deliver(
        tmp_path,
        seed=seed,
        patients=120,
        hospitals=seed % 8 + 1,
        vital_signs=0.1,
        file_format="bundle" if seed % 2 else "ndjson",
        is_gzip=seed % 3 == 0,
    )

    result = calculate(tmp_path)

    assert not result.rejected
    assert_equal(truth, result)


def test_faults_are_found_where_the_ledger_says_and_change_nothing(tmp_path: Path) -> None:
    truth = deliver(tmp_path / "faulty", seed=5, faults=EVERY_FAULT, vital_signs=0)
    clean = deliver(tmp_path / "clean", seed=5, vital_signs=0)

    result = calculate(tmp_path / "faulty")

    noted = Counter((RULES[one["fault"]], one["file"], one.get("position")) for one in truth["faults"])
    assert {one["fault"] for one in truth["faults"]} == set(RULES)
    assert Counter((one.rule, one.file, one.position) for one in result.rejected) == noted
    assert_equal(truth, result)
    assert {name: clean[name] for name in ("measures", "reasons", "resources")} == {
        name: truth[name] for name in ("measures", "reasons", "resources")
    }


def test_a_population_has_what_the_measures_are_about(tmp_path: Path) -> None:
    truth = deliver(tmp_path, patients=800, vital_signs=0)
    result = calculate(tmp_path)

    assert set(truth["reasons"]["mortality"]) == {
        "included", "died_within_30_days", "transferred_in", "against_advice", "hospice_on_admission_day",
        "same_day_alive", "unknown_vital_status", "later_in_period",
    }  # fmt: skip
    assert set(truth["reasons"]["readmission"]) == {
        "included", "readmitted", "planned_readmission", "died", "transferred_out", "against_advice",
        "psychiatric", "rehabilitation", "cancer", "right_censored",
    }  # fmt: skip
    infections = Counter[str]()
    for row in truth["measures"]["infection"]:
        infections[row["event"]] += row["numerator"]
    assert (
        min(
            infections[event]
            for event in ("cdi_labid", "mrsa_bacteremia_labid", "clabsi_proxy", "cauti_proxy")
        )
        > 2
    )
    assert {row["age_band"] for row in truth["measures"]["mortality"]} == {
        "0-17", "18-44", "45-64", "65-74", "75-84", "85+", "unknown",
    }  # fmt: skip
    assert {one.reason for one in result.evidence} >= {"open", "before_day_4", "within_14_days", "no_device"}
    gaps = Counter(
        (after.first.admitted - before.last.discharged).days
        for one in result.patients
        for before, after in zip(one.episodes, one.episodes[1:], strict=False)
        if before.last.discharged
    )
    assert min(gaps[days] for days in (0, 1, 29, 30, 31)) > 0
    assert any(len(episode.stays) > 2 for one in result.patients for episode in one.episodes)


def assert_equal(truth: dict[str, Any], result: Result) -> None:
    """Every row and every figure that the ledger has."""
    assert truth["end_of_data"] == result.end_of_data.isoformat()
    for measure, rows in truth["measures"].items():
        assert rows
        names = list(rows[0])
        found = [
            {name: row[name] for name in names} | {"month": row["month"].isoformat()}
            for row in result.measures[measure]
        ]
        assert sorted(found, key=key) == sorted(rows, key=key), measure
    for measure, reasons in truth["reasons"].items():
        assert reasons == counted(measure, result)


def key(row: dict[str, Any]) -> list[str]:
    return [row.get(name, "") for name in KEY]


def counted(measure: str, result: Result) -> dict[str, int]:
    """Reasons of the oracle's evidence, with the ledger's names for those who are in; open stays are no candidates."""
    positive = {"mortality": "died_within_30_days", "readmission": "readmitted"}[measure]
    return Counter(
        one.reason or (positive if one.is_numerator else "included")
        for one in result.evidence
        if one.measure == measure and one.reason != "open"
    )
