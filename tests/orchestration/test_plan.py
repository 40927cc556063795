"""The trigger form, resolved into what a run does."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from lakehouse.release import Release
from lakehouse.settings import Settings, StorageSettings
from orchestration.plan import Plan, resolve
from tests.orchestration.running import a_plan

GOLD = {"customer_insights", "daily_sales", "department_analytics", "product_performance"}


def resolved(params: dict[str, Any] | None = None, run_type: str = "manual", **run: Any) -> Plan:
    facts = {"run_id": "run-1", "run_type": run_type, "data_interval_start": None, "data_interval_end": None}
    settings = Settings(bucket_name="lake")
    return resolve("ecommerce", params or {}, SimpleNamespace(**(facts | run)), settings)


def test_an_empty_form_makes_every_table_from_whatever_is_new() -> None:
    plan = resolved()
    assert set(plan.tables["bronze"]) == set(plan.tables["silver"]) == {"products", "orders", "order_items"}
    assert set(plan.tables["gold"]) == GOLD
    assert (plan.dates, plan.full_refresh, plan.rejected_share_limit) == ([], False, None)
    assert plan.needs_new_files


def test_parents_come_before_the_tables_that_refer_to_them() -> None:
    silver = resolved().tables["silver"]
    assert silver.index("order_items") > max(silver.index("orders"), silver.index("products"))


def test_datasets_limit_a_run_to_what_is_made_from_them() -> None:
    plan = resolved({"datasets": ["products"]})
    assert plan.tables["bronze"] == plan.tables["silver"] == ["products"]
    # daily_sales is made from orders and order_items alone.
    assert set(plan.tables["gold"]) == GOLD - {"daily_sales"}


def test_an_unknown_dataset_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"no dataset returns; it has .*order_items"):
        resolved({"datasets": ["orders", "returns"]})


@pytest.mark.parametrize(
    ("params", "days"),
    [
        ({"dates": ["2025-04-02", "2025-04-01", "2025-04-02"]}, [1, 2]),
        ({"from": "2025-04-03", "to": "2025-04-05"}, [3, 4, 5]),
        ({"from": "2025-04-03"}, [3]),
        ({"dates": ["2025-04-09"], "from": "2025-04-03", "to": "2025-04-04"}, [3, 4, 9]),
    ],
    ids=["dates, sorted and once", "a range, both ends included", "only the first", "both"],
)
def test_dates_of_the_form(params: dict[str, Any], days: list[int]) -> None:
    plan = resolved(params)
    assert plan.dates == [date(2025, 4, day) for day in days]
    assert not plan.needs_new_files


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards: from 2025-04-05 to 2025-04-03"):
        resolved({"from": "2025-04-05", "to": "2025-04-03"})


def test_an_end_without_a_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="'to' is given without 'from'"):
        resolved({"to": "2025-04-03"})


INTERVAL: dict[str, Any] = {
    "data_interval_start": datetime(2025, 4, 1, 6, tzinfo=UTC),
    "data_interval_end": datetime(2025, 4, 2, 6, tzinfo=UTC),
}


def test_a_backfill_recomputes_the_day_of_its_interval() -> None:
    assert resolved(run_type="backfill", **INTERVAL).dates == [date(2025, 4, 1)]


def test_dates_of_a_backfills_form_win_over_its_interval() -> None:
    assert resolved({"dates": ["2025-03-09"]}, "backfill", **INTERVAL).dates == [date(2025, 3, 9)]


@pytest.mark.parametrize("run_type", ["scheduled", "manual", "asset_triggered"])
def test_other_runs_take_their_dates_from_the_files(run_type: str) -> None:
    assert resolved(run_type=run_type, **INTERVAL).dates == []


@pytest.mark.parametrize(
    ("run_type", "minutes"), [("scheduled", 45), ("manual", 0), ("backfill", 0), ("asset_triggered", 0)]
)
def test_only_a_scheduled_run_waits(run_type: str, minutes: int) -> None:
    assert resolved({"wait_minutes": 45}, run_type, **INTERVAL).wait_minutes == minutes


def test_a_scheduled_run_that_is_told_to_wait_no_minute_looks_once() -> None:
    assert resolved({"wait_minutes": 0}, "scheduled", **INTERVAL).wait_minutes == 0


def test_a_full_refresh_needs_no_new_files() -> None:
    plan = resolved({"full_refresh": True})
    assert plan.full_refresh
    assert not plan.needs_new_files


def test_a_release_needs_no_new_files() -> None:
    plan = resolved({"release": {"table": "orders", "rule": "type:total_amount"}})
    assert plan.release == Release(table="orders", rule="type:total_amount")
    assert not plan.needs_new_files


def test_a_release_of_a_table_that_the_run_does_not_make_is_refused() -> None:
    """Else it would end green and have released nothing."""
    with pytest.raises(ValueError, match="the release names 'orders'; of silver this run makes products"):
        resolved({"datasets": ["products"], "release": {"table": "orders"}})


@pytest.mark.parametrize("limit", [0, 0.25, 1])
def test_the_limit_of_rejected_rows_is_passed_on(limit: float) -> None:
    assert resolved({"rejected_share_limit": limit}).rejected_share_limit == limit


def test_the_environment_is_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_ENVIRONMENT", "prod")
    assert resolved().environment == "prod"


def test_the_run_id_is_safe_in_a_key() -> None:
    plan = resolved(run_id="manual__2025-04-02T06:00:00+00:00/é ü")
    assert plan.run_id == "manual__2025-04-02T06-00-00-00-00----"


def test_documents_lie_where_the_engine_writes_them() -> None:
    plan = a_plan(buckets={"*": "lake", "gold": "mart", "metadata": "ledger"})
    assert plan.candidate_uri("gold") == "s3://ledger/metadata/runs/run-1/gold/candidate.json"
    assert plan.verdict_uri("gold", "daily_sales") == (
        "s3://ledger/metadata/validations/run-1/gold/daily_sales.json"
    )
    assert plan.uri("gold", "daily_sales") == "s3://mart/gold/daily_sales"
    assert plan.uri("silver", "orders") == "s3://lake/silver/orders"


def test_a_plan_survives_xcom() -> None:
    plan = a_plan(
        dates=["2025-04-01"],
        full_refresh=True,
        rejected_share_limit=0.0,
        wait_minutes=3,
        release={"table": "orders"},
    )
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def test_an_unknown_field_of_a_plan_is_an_error() -> None:
    with pytest.raises(ValidationError):
        a_plan(table="orders")


def test_a_domain_that_is_kept_in_a_folder_is_refused() -> None:
    storage = StorageSettings(backend="local", base_dir="/srv/vault")
    facts = SimpleNamespace(
        run_id="run-1", run_type="manual", data_interval_start=None, data_interval_end=None
    )

    with pytest.raises(ValueError, match=r"market_data is kept in /srv/vault.*`lakehouse step`"):
        resolve("market_data", {}, facts, Settings(bucket_name="lake", storage=storage))
    assert resolve("ecommerce", {}, facts, Settings(bucket_name="lake", storage=storage)).buckets == {
        "*": "lake"
    }
