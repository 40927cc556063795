import json

import pytest

from lakehouse.address import Address
from lakehouse.quality.verdict import Judgement, Outcome, Verdict, outcome_of


def judgement(severity: str, *, success: bool) -> Judgement:
    return Judgement("not_null", "user_id", severity, success, "user_id must not be null", "3 of 500 rows")


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([], "passed"),
        ([("critical", True), ("warning", True)], "passed"),
        ([("critical", True), ("warning", False)], "warned"),
        ([("info", False)], "warned"),
        ([("critical", False)], "failed"),
        ([("warning", False), ("critical", False), ("info", True)], "failed"),
        ([("critical", False), ("critical", True)], "failed"),
    ],
)
def test_outcome(results: list[tuple[str, bool]], outcome: Outcome) -> None:
    assert outcome_of([judgement(severity, success=success) for severity, success in results]) == outcome


def test_nothing_new_names_table_and_run() -> None:
    verdict = Verdict.nothing_new(Address("ecommerce", "silver", "orders"), "manual-1")

    assert verdict.as_document() == {
        "address": "ecommerce.silver.orders",
        "suite": "ecommerce.silver.orders",
        "run_id": "manual-1",
        "outcome": "nothing_new",
        "rows": 0,
        "files": [],
        "expectations": [],
        "docs_uri": None,
    }


def test_the_document_is_json_that_the_gate_can_read() -> None:
    verdict = Verdict(
        "a.silver.b", "a.silver.b", "r", "failed", 500, ["s3://x"], [judgement("critical", success=False)]
    )

    (expectation,) = json.loads(json.dumps(verdict.as_document()))["expectations"]

    assert expectation == {
        "type": "not_null",
        "column": "user_id",
        "severity": "critical",
        "success": False,
        "expectation": "user_id must not be null",
        "observed": "3 of 500 rows",
    }
