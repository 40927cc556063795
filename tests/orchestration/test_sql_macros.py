"""What SQL asks of the run: the dates that it made anew, as the candidate's document on S3 has them."""

import re
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment

from orchestration.sql_macros import MACROS
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SALES = "{{ is_of_this_run('s.date', 'ecommerce.gold.daily_sales') }}"


def rendered(template: str) -> str:
    environment = Environment(autoescape=False)
    return environment.from_string(template).render({**a_context(a_plan()), **MACROS})


@pytest.mark.parametrize(
    ("candidate", "condition"),
    [
        (
            {"outcome": "candidate", "partitions": ["2025-04-01", "2025-04-03"]},
            "s.date IN (DATE '2025-04-01', DATE '2025-04-03')",
        ),
        ({"outcome": "candidate", "partitions": None}, "TRUE"),
        ({"outcome": "nothing_new", "partitions": None}, "FALSE"),
    ],
    ids=["some dates", "the whole table", "nothing"],
)
def test_checks_read_the_dates_that_the_run_made(
    lake: "S3Client", candidate: dict[str, Any], condition: str
) -> None:
    put(lake, "metadata/runs/run-1/gold/candidate.json", {"tables": {"daily_sales": candidate}})

    assert rendered(SALES) == condition


def test_a_run_that_left_no_document_made_nothing(lake: "S3Client") -> None:
    assert rendered(SALES) == "FALSE"
    assert rendered("{{ uri('ecommerce.gold.daily_sales') }}") == "s3://lake/gold/daily_sales"


def test_codes_of_a_value_set() -> None:
    condition = rendered("{{ is_in_value_set('c.codes', 'hospice', 'mrsa') }}")

    found = re.fullmatch(r"COALESCE\(REGEXP_LIKE\(c\.codes, '(.*)'\), FALSE\)", condition)
    assert found
    codes = re.compile(found.group(1))
    assert codes.search("x|y http://hl7.org/fhir/sid/icd-10-cm|Z51.5")
    assert codes.search("http://snomed.info/sct|115329001")
    assert not codes.search("http://hl7.org/fhir/sid/icd-10-cm|Z51.50")
