"""Whether gold is late, and who is told of it how often."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from lakehouse.contract import tables
from orchestration.configuration import configuration
from orchestration.failure import VerdictError
from orchestration.freshness import freshness
from orchestration.freshness_operator import FreshnessOperator
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
MANIFEST = "metadata/manifests/ecommerce/latest.json"
GOLD = ["customer_insights", "daily_sales", "department_analytics", "product_performance"]


@pytest.fixture(autouse=True)
def _bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")


def published(lake: "S3Client", ago: timedelta) -> None:
    put(lake, MANIFEST, {"published_at": (datetime.now(UTC) - ago).isoformat()})


def check() -> None:
    FreshnessOperator(task_id="ecommerce", domain="ecommerce", settings=configuration()).execute(a_context())


def late() -> str:
    with pytest.raises(VerdictError) as failure:
        check()
    return str(failure.value)


def test_the_latency_of_the_contract_decides_to_the_second() -> None:
    """26 hours are daily_sales' promise."""
    ages = [timedelta(hours=26), timedelta(hours=26, seconds=1)]
    found = [
        freshness(tables("ecommerce", "gold"), {"published_at": (NOW - age).isoformat()}, NOW) for age in ages
    ]

    assert [one.table_address for one in found[0]] == [f"ecommerce.gold.{name}" for name in GOLD]
    assert [[one.is_late for one in some] for some in found] == [[False] * 4, [True] * 4]
    assert str(found[1][1]) == (
        "LATE  ecommerce.gold.daily_sales: published 1 day, 2:00:01 ago, at most 1 day, 2:00:00"
    )


def test_a_table_without_a_promise_is_not_looked_at() -> None:
    assert freshness(tables("ecommerce", "silver"), {"published_at": NOW.isoformat()}, NOW) == []


def test_every_table_of_gold_promises_something() -> None:
    for domain in ("clinical", "ecommerce", "market_data", "operations"):
        assert all(contract.latency for contract in tables(domain, "gold"))


def test_fresh_gold_is_no_news(lake: "S3Client", inbox: Inbox) -> None:
    published(lake, timedelta(hours=1))
    check()
    assert inbox.messages() == []


def test_lateness_is_told_once_and_its_end_once(lake: "S3Client", inbox: Inbox) -> None:
    published(lake, timedelta(days=2))
    assert "4 tables of ecommerce are late" in late()
    assert "ecommerce.gold.daily_sales" in late()
    (told,) = inbox.messages()
    assert told["subject"] == "Late: ecommerce gold"
    assert "ecommerce.gold.daily_sales" in told["message"]

    published(lake, timedelta(minutes=1))
    check()
    check()
    (told,) = inbox.messages()
    assert told["subject"] == "Recovered: ecommerce gold"

    published(lake, timedelta(days=2))
    late()
    assert [told["subject"] for told in inbox.messages()] == ["Late: ecommerce gold"]


def test_what_was_never_published_is_not_late(lake: "S3Client") -> None:
    assert lake
    with pytest.raises(AirflowSkipException, match="no gold yet"):
        check()


def test_delays_have_a_topic_of_their_own(
    lake: "S3Client", inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic: Any = boto3.client("sns").create_topic(Name="delays")["TopicArn"]
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__SNS_DELAY_TOPIC_ARN", topic)
    published(lake, timedelta(days=2))
    late()
    assert inbox.messages() == []
