"""A file whose header differs from the contract: what the step reports, and what it keeps out."""

from dataclasses import replace

import pytest

from lakehouse.contract import Contract
from lakehouse.contract_rules import SchemaPolicy
from lakehouse.ingestion.drift import HeaderRules, header_rules
from lakehouse.steps import raw_to_bronze
from tests.lakehouse.steps.lake import Lake
from tests.lakehouse.steps.test_gates import ORDERS, orders


def under(policy: SchemaPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the contracts stated the policy."""

    def rules(contract: Contract, environment: str) -> HeaderRules:
        required = frozenset({"order_id", "user_id", "order_timestamp", "total_amount", "date"})
        return replace(header_rules(contract, environment), required=required, policy=policy)

    monkeypatch.setattr(raw_to_bronze, "header_rules", rules)


def reports(lake: Lake, run_id: str) -> dict[str, dict[str, object]]:
    """The candidate's files by name; what may be published of them is."""
    run = lake.a_run(run_id, **ORDERS)
    candidate = lake.candidate("bronze", run)["orders"]
    lake.publish("bronze", run)
    return {file["uri"].rpartition("/")[2]: file for file in candidate["files"]}


def without(column: str, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != column} for row in rows]


def test_strict_keeps_a_renamed_column_out_and_loads_the_others(
    new_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    under("strict", monkeypatch)
    renamed = [{"amount" if name == "total_amount" else name: v for name, v in orders(200, 1)[0].items()}]
    new_lake.deliver("orders", "good.csv", orders(100, 2))
    new_lake.deliver("orders", "renamed.csv", renamed)

    told = reports(new_lake, "strict")

    assert (told["good.csv"]["status"], told["good.csv"]["drift"]) == ("loaded", [])
    assert (told["renamed.csv"]["status"], told["renamed.csv"]["rows"]) == ("failed", 0)
    assert told["renamed.csv"]["reason"] == (
        "row 1 lacks 'total_amount' and adds 'amount' ('amount' may be 'total_amount'), which the policy 'strict'"
        " refuses: rename the columns as in the contract, or change the contract"
    )
    assert [row["order_id"] for row in new_lake.rows("bronze.orders")] == ["100", "101"]


def test_evolve_loads_and_reports_what_evolved(new_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    under("evolve", monkeypatch)
    new_lake.deliver("orders", "wide.csv", without("order_num", orders(100, 2, coupon="SPRING")))
    new_lake.deliver("orders", "short.csv", without("user_id", orders(200, 1)))

    told = reports(new_lake, "evolve")

    assert (told["wide.csv"]["status"], told["wide.csv"]["rows"]) == ("loaded", 2)
    assert told["wide.csv"]["drift"] == [{"added": ["coupon"], "removed": ["order_num"], "reordered": False}]
    assert told["short.csv"]["status"] == "failed"
    assert str(told["short.csv"]["reason"]).startswith("row 1 lacks 'user_id', which the policy 'evolve'")
    # A missing optional column does not close the gate; an added one warns.
    assert new_lake.verdict("evolve", "bronze.orders")["outcome"] == "warned"
    assert [row["order_id"] for row in new_lake.rows("bronze.orders")] == ["100", "101"]
