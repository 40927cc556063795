"""What the Glue runs of a replay are told, and what a person who approves the switch is shown."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Context

from orchestration.configuration import configuration
from orchestration.replay_dag import ReplayOperator, build_replay_dag, difference_lines
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.glue_service import GlueService
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EQUAL = {"rows": {"live": 3, "replayed": 3, "only_live": 0, "only_replayed": 0}, "partitions": 2}
SAME = {**EQUAL, "differences": [], "other_columns": False}
ONE_DATE = {
    "partition": {"date": "2025-04-01"},
    "rows": {"live": 2, "replayed": 1, "only_live": 1, "only_replayed": 0},
}
OTHER = {
    **SAME,
    "rows": {"live": 3, "replayed": 2, "only_live": 1, "only_replayed": 0},
    "differences": [ONE_DATE],
}
COMPARISON = {
    "tables": {"ecommerce.silver.orders": {"found": SAME}, "ecommerce.gold.daily_sales": {"found": OTHER}}
}
DIFFERENCES = {
    "ecommerce.gold.daily_sales": "1 rows only live, 0 only replayed, in 1 of 2 partitions: 2025-04-01",
}


def context(**params: Any) -> Context:
    made = a_context(**params)
    made["params"] = {"domain": "ecommerce", "source": "bronze", "switch": True, "reason": ""}
    return made


def a_task(monkeypatch: pytest.MonkeyPatch, *, switch: bool) -> Any:
    """The task as it is after its templates were rendered, in an account whose domain has jobs of its own."""
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIXES", '{"ecommerce": "shop-"}')
    settings = replace(configuration(), glue_sync_seconds=60, glue_waiter_delay=0.01, glue_verbose=False)
    dag = build_replay_dag(start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=None, tags=[])
    task = ReplayOperator(
        task_id="again", switch=switch, settings=settings, dag=dag, aws_conn_id=None, region_name="us-east-1"
    )
    task.render_template_fields(context())
    return task


def test_the_comparison_is_told_what_to_replay_and_tells_what_differs(
    lake: "S3Client", glue: GlueService, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.jobs.add("shop-replay")
    put(lake, "metadata/replays/runs/run-1/comparison.json", COMPARISON)
    plan = a_plan(dates=["2025-04-01", "2025-04-02"], rejected_share_limit=0.5)
    task = a_task(monkeypatch, switch=False)
    monkeypatch.setattr(task, "plan", lambda _context: plan)

    assert task.execute(context()) == DIFFERENCES

    (run,) = glue.runs
    assert run.job == "shop-replay"
    told = {
        name: run.arguments[f"--{name}"] for name in ("source", "switch", "dates", "rejected-share-limit")
    }
    assert told == {
        "source": "bronze",
        "switch": "false",
        "dates": "2025-04-01,2025-04-02",
        "rejected-share-limit": "0.5",
    }


def test_the_switch_is_the_same_run_s(
    lake: "S3Client", glue: GlueService, monkeypatch: pytest.MonkeyPatch
) -> None:
    glue.jobs.add("shop-replay")
    switched = {"ecommerce.gold.daily_sales": {"version_before": 3, "version_after": 4}}
    put(lake, "metadata/replays/runs/run-1/switched.json", {"tables": switched})

    assert a_task(monkeypatch, switch=True).execute(context()) == switched

    assert glue.runs[0].arguments["--switch"] == "true"
    assert glue.runs[0].arguments["--run-id"] == "run-1"


def test_who_approves_sees_what_differs() -> None:
    assert difference_lines(DIFFERENCES) == (
        "- `ecommerce.gold.daily_sales`: 1 rows only live, 0 only replayed, in 1 of 2 partitions: 2025-04-01"
    )
