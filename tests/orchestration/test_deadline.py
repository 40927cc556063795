"""The deadline of a domain's runs: when it is, who is told, and that Airflow's scheduler and triggerer do so."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.trigger import Trigger
from airflow.sdk.definitions.deadline import DeadlineReference
from airflow.triggers.callback import CallbackTrigger
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

from orchestration.configuration import configuration
from orchestration.deadline import deadline, tell_when_late
from orchestration.failure import VerdictError
from orchestration.freshness_operator import FreshnessOperator
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.running import a_context

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LATENCY = timedelta(hours=26)
MANIFEST = "metadata/manifests/ecommerce/latest.json"
DAGS = Path(__file__).parents[2] / "dags"
MISSED: dict[str, Any] = {
    "dag_run": {"dag_run_id": "scheduled__1"},
    "deadline": {"deadline_time": datetime(2026, 4, 2, 8, tzinfo=UTC)},
}


@pytest.fixture(autouse=True)
def _bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "lake")


def published(lake: "S3Client", ago: timedelta) -> None:
    put(lake, MANIFEST, {"published_at": (datetime.now(UTC) - ago).isoformat()})


def miss() -> None:
    asyncio.run(tell_when_late("ecommerce", MISSED))


@pytest.mark.parametrize(
    ("domain", "latency"),
    [
        ("ecommerce", LATENCY),
        ("clinical", LATENCY),
        ("operations", LATENCY),
        ("market_data", timedelta(minutes=30)),
    ],
)
def test_it_is_the_contracts_latency_after_the_logical_date(domain: str, latency: timedelta) -> None:
    alert = deadline(domain)

    assert alert is not None
    assert (alert.reference, alert.interval) == (DeadlineReference.DAGRUN_LOGICAL_DATE, latency)


def test_late_gold_is_told_once_by_deadline_and_check_together(lake: "S3Client", inbox: Inbox) -> None:
    published(lake, timedelta(days=2))
    miss()
    (told,) = inbox.messages()
    assert told["subject"] == "Late: ecommerce gold"
    assert told["message"].splitlines()[1:] == [
        "Where: DAG ecommerce, run scheduled__1, whose deadline was 2026-04-02 08:00:00 UTC",
        "Runbook: docs/runbooks/gold_late.md",
    ]

    miss()
    with pytest.raises(VerdictError):
        FreshnessOperator(task_id="ecommerce", domain="ecommerce", settings=configuration()).execute(
            a_context()
        )
    assert inbox.messages() == []


def test_gold_that_is_late_in_a_moment_is_waited_for(lake: "S3Client", inbox: Inbox) -> None:
    published(lake, LATENCY - timedelta(seconds=2))
    miss()
    assert [told["subject"] for told in inbox.messages()] == ["Late: ecommerce gold"]


def test_gold_that_is_published_meanwhile_is_no_news(lake: "S3Client", inbox: Inbox) -> None:
    published(lake, LATENCY - timedelta(seconds=2))

    async def run_that_ends_in_time() -> None:
        waiting = asyncio.create_task(tell_when_late("ecommerce", MISSED))
        await asyncio.sleep(1)
        await asyncio.to_thread(published, lake, timedelta())
        await waiting

    asyncio.run(run_that_ends_in_time())
    assert inbox.messages() == []


def test_fresh_gold_and_gold_that_never_was_are_no_news(lake: "S3Client", inbox: Inbox) -> None:
    """A backfill's logical date lies long ago: its deadline is missed at once."""
    miss()
    published(lake, timedelta(hours=2))
    miss()
    assert inbox.messages() == []


@pytest.fixture(scope="module")
def database() -> Iterator[None]:
    """Airflow's own, with the DAG `ecommerce` as the DAG processor stores it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOM_S3_BUCKET_NAME", "lake")
        initdb()
        DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
        bag = DagBag(
            str(DAGS / "ecommerce.py"), include_examples=False, bundle_path=DAGS, bundle_name="dags-folder"
        )
        assert bag.import_errors == {}
        sync_bag_to_db(bag, "dags-folder", None)
        yield


def create_run(run_id: str, logical_date: datetime | None) -> None:
    with create_session() as session:
        dag = SerializedDagModel.get_dag("ecommerce", session=session)
        assert dag is not None
        dag.create_dagrun(
            run_id=run_id,
            logical_date=logical_date,
            data_interval=(logical_date, logical_date) if logical_date else None,
            run_after=datetime.now(UTC),
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.RUNNING,
            session=session,
        )


@pytest.mark.usefixtures("database")
def test_the_scheduler_misses_it_and_the_triggerer_tells(lake: "S3Client", inbox: Inbox) -> None:
    """What the scheduler's loop and the triggerer do, by their own code; a run without a logical date has none."""
    published(lake, timedelta(days=2))
    due = datetime(2026, 4, 1, 6, tzinfo=UTC)
    create_run("of-the-clock", due)
    create_run("of-an-arrival", None)

    with create_session() as session:
        (missed,) = session.scalars(select(Deadline))
        assert (missed.dagrun.run_id, missed.deadline_time) == ("of-the-clock", due + LATENCY)
        missed.handle_miss(session)
    with create_session() as session:
        (stored,) = session.scalars(select(Trigger))
        assert stored.classpath == "airflow.triggers.callback.CallbackTrigger"
        trigger = CallbackTrigger(**stored.kwargs)

    async def states() -> list[str]:
        return [event.payload["state"] async for event in trigger.run()]

    assert asyncio.run(states()) == ["running", "success"]
    (told,) = inbox.messages()
    assert told["subject"] == "Late: ecommerce gold"
    assert "run of-the-clock, whose deadline was 2026-04-02 08:00:00 UTC" in told["message"]
