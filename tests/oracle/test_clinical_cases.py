"""The oracle against patients worked out by hand: tests/cases/clinical."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.clinical import Result, calculate

CASES = Path(__file__).parents[1] / "cases" / "clinical"
NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))
DECIMALS = 6
"""Of means and quantiles, as gold has them."""


def files(name: str) -> list[Path]:
    """What is delivered in a case."""
    return [*(CASES / name).glob("*.ndjson"), *(CASES / name).glob("bundle.json")]


def expected(name: str) -> dict[str, list[dict[str, Any]]]:
    content: dict[str, list[dict[str, Any]]] = json.loads((CASES / name / "expected.json").read_text())
    return content


@pytest.mark.parametrize("name", NAMES)
def test_a_case_alone(name: str) -> None:
    result = calculate(CASES, files(name))

    assert not result.rejected
    for measure, rows in expected(name).items():
        assert told(result, measure, rows, of_case=name[:2]) == in_order(rows), measure


def test_all_cases_together() -> None:
    result = calculate(CASES, [path for name in NAMES for path in files(name)])

    for name in NAMES:
        for measure, rows in expected(name).items():
            assert told(result, measure, rows, of_case=name[:2]) == in_order(rows), (name, measure)


def test_there_are_enough_cases_and_each_is_explained() -> None:
    assert len(NAMES) >= 30
    for name in NAMES:
        assert (CASES / name / "README.md").read_text().startswith("# ")
        assert {"evidence"} < set(expected(name)), name


def told(result: Result, measure: str, rows: list[dict[str, Any]], *, of_case: str) -> list[dict[str, Any]]:
    """What the oracle says of the hospitals of a case, with the columns of the expected rows."""
    if measure == "evidence":
        found: Iterable[dict[str, Any]] = (vars(one) for one in result.evidence)
    else:
        found = result.measures[measure]
    names = {name for row in rows for name in row}
    ours = [row for row in found if row["hospital_id"].startswith(f"{of_case}-")]
    return in_order([{name: plain(row[name]) for name in row if name in names or not rows} for row in ours])


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def plain(value: Any) -> Any:
    """As it is in JSON."""
    if isinstance(value, date):
        return value.isoformat()
    return round(value, DECIMALS) if isinstance(value, float) else value
