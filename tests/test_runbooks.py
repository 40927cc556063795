"""Every alert names a runbook that exists, every runbook is an alert's, and all say the same things in one order."""

import re
from pathlib import Path
from typing import get_args

import pytest

from orchestration.runbooks import PLACE, Runbook

ROOT = Path(__file__).parents[1]
PAGES = sorted(page for page in (ROOT / PLACE).glob("*.md") if page.stem != "README")
ALARMS = (ROOT / "infra/terraform/modules/monitoring/alarms.tf").read_text(encoding="utf-8")
OF_AIRFLOW = set(get_args(Runbook.__value__))
OF_AWS = set(re.findall(r"runbooks(?:_url\})?/(\w+)\.md", ALARMS))
TELLING = [
    text
    for text in ALARMS.split("\n}\n")
    if re.search(r'^resource "\w+_(metric_alarm|event_target|budget)"', text, re.M)
]


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert {page.stem for page in PAGES} == OF_AIRFLOW | OF_AWS


def test_every_runbook_of_airflow_is_named_by_some_alert() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins/orchestration").glob("*.py")]
    told = {name for text in sources for name in re.findall(r'runbook=.*"(\w+)"', text)}
    assert told == OF_AIRFLOW


@pytest.mark.parametrize("resource", TELLING)
def test_every_alarm_of_aws_names_its_runbook(resource: str) -> None:
    assert re.search(r"runbooks(?:_url\})?/\w+\.md", resource)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_whom_where_how_and_until_when(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "What it means",
        "What is affected",
        "Look at",
        "Do",
        "It is over",
    ]
    links = re.findall(r"\]\(([^)#:]+)", text)
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_the_list_has_every_page() -> None:
    listed = (ROOT / PLACE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+)\.md\)", listed)) == {page.stem for page in PAGES}
