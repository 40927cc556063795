"""What a run's documents and Glue runs become in the run ledger; expected figures are worked out by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lakehouse.contract import Contract, made_in
from orchestration.run_record import LayerFacts, RunFacts, result_records, table_records

RUN = RunFacts(
    "ecommerce",
    "run-1",
    "manual",
    started_at=datetime(2025, 4, 2, 23, 59, tzinfo=UTC),
    recorded_at=datetime(2025, 4, 3, 0, 5, tzinfo=UTC),
)
HOLDS = {
    "type": "expect_column_values_to_not_be_null",
    "column": "user_id",
    "expectation": "user_id must be present",
    "severity": "critical",
    "success": True,
    "observed": "as expected",
}
BROKEN = HOLDS | {"success": False, "severity": "warning", "observed": "1 of 3 rows are not so"}
READ = {"read": 10, "published": 6, "deduplicated": 1, "superseded": 1, "rejected": 2}


def contracts(layer: str, *names: str) -> tuple[Contract, ...]:
    return tuple(contract for contract in made_in("ecommerce", layer) if contract.name in names)


def facts(layer: str = "silver", *names: str, **fields: Any) -> LayerFacts:
    whole: dict[str, Any] = {"candidates": {}, "published": {}, "verdicts": {}}
    return LayerFacts(
        layer=layer, contracts=contracts(layer, *(names or ("orders", "products"))), **(whole | fields)
    )


def by_name(layer: LayerFacts) -> dict[str, dict[str, Any]]:
    return {record["table_address"]: record for record in table_records(RUN, layer)}


def glue(seconds: int, **fields: Any) -> dict[str, Any]:
    return {"ExecutionTime": seconds, "MaxCapacity": 2.0, **fields}


def test_a_published_table_has_counts_versions_and_score() -> None:
    record = by_name(
        facts(
            candidates={"orders": {"outcome": "candidate", "counts": READ, "files": [{"uri": "s3://a"}]}},
            published={"orders": {"version_before": 3, "version_after": 4}},
            verdicts={"orders": {"outcome": "warned", "expectations": [HOLDS, HOLDS, BROKEN]}},
        )
    )["ecommerce.silver.orders"]

    assert record["outcome"] == "published"
    assert record["dates"] is None
    assert record["verdict"] == "warned"
    assert [record[f"rows_{what}"] for what in ("read", *list(READ)[1:])] == [10, 6, 1, 1, 2]
    assert (record["version_before"], record["version_after"]) == (3, 4)
    assert record["quality_score"] == 0.6667
    assert record["files"] == 1
    assert (record["date"], record["started_at"]) == ("2025-04-02", "2025-04-02T23:59:00+00:00")


@pytest.mark.parametrize(
    ("candidates", "outcome"),
    [
        ({"orders": {"outcome": "nothing_new"}}, "nothing_new"),
        ({"orders": {"outcome": "candidate"}}, "not_published"),
        ({}, "not_published"),
    ],
)
def test_a_table_that_was_not_published_says_so(candidates: dict[str, Any], outcome: str) -> None:
    record = by_name(facts(candidates=candidates))["ecommerce.silver.orders"]

    assert (record["outcome"], record["version_after"], record["quality_score"]) == (outcome, None, None)


def test_what_a_layer_used_is_shared_by_the_tables_it_made() -> None:
    """(60 + 30) s × 2 DPU for one of two tables: 180 DPU-seconds, 180 / 3600 × 0.44 USD."""
    records = by_name(
        facts(
            candidates={"orders": {"outcome": "candidate"}, "products": {"outcome": "nothing_new"}},
            candidate_runs=[glue(40), glue(20)],
            publish_runs=[glue(30)],
        )
    )

    assert {address: record["dpu_seconds"] for address, record in records.items()} == {
        "ecommerce.silver.orders": 180.0,
        "ecommerce.silver.products": 0.0,
    }
    assert records["ecommerce.silver.orders"]["cost_usd"] == 0.022
    assert records["ecommerce.silver.products"]["cost_usd"] == 0
    assert {record["candidate_seconds"] for record in records.values()} == {60.0}
    assert {record["publish_seconds"] for record in records.values()} == {30.0}


def test_a_layer_that_died_before_it_said_what_it_made_is_shared_by_all() -> None:
    records = by_name(facts(candidate_runs=[glue(60)]))

    assert [record["dpu_seconds"] for record in records.values()] == [60.0, 60.0]


def test_glues_own_figure_counts_where_it_gives_one() -> None:
    records = by_name(facts("silver", "orders", candidate_runs=[glue(60, DPUSeconds=75.5)]))

    assert records["ecommerce.silver.orders"]["dpu_seconds"] == 75.5


def test_what_athena_scanned_is_shared_by_gold_and_priced() -> None:
    """2 TiB over two tables at 5 USD a TiB."""
    layer = facts("gold", "daily_sales", "customer_insights", bytes_scanned=2 * 1024**4)
    records = by_name(layer)

    assert [record["bytes_scanned"] for record in records.values()] == [1024**4, 1024**4]
    assert [record["cost_usd"] for record in records.values()] == [5.0, 5.0]
    assert [record["files"] for record in records.values()] == [None, None]


def test_gold_tells_its_code_and_the_dates_it_made() -> None:
    layer = facts(
        "gold",
        "daily_sales",
        "customer_insights",
        "product_performance",
        "department_analytics",
        candidates={
            "daily_sales": {"outcome": "candidate", "partitions": ["2025-04-01", "2025-04-02"]},
            "customer_insights": {"outcome": "candidate", "partitions": None},
            "product_performance": {"outcome": "nothing_new"},
            "department_analytics": {"outcome": "candidate", "partitions": ["2025-04-01", None]},
        },
        code_version="c0de",
    )

    assert {
        address.rpartition(".")[2]: (record["dates"], record["code_version"])
        for address, record in by_name(layer).items()
    } == {
        "daily_sales": ("2025-04-01,2025-04-02", "c0de"),
        "customer_insights": ("all", "c0de"),
        "product_performance": (None, None),
        "department_analytics": ("2025-04-01", "c0de"),
    }


def test_bronze_counts_files_that_could_not_be_read() -> None:
    files = [{"status": "loaded"}, {"status": "failed"}, {"status": "duplicate"}]
    layer = facts("bronze", "orders", candidates={"orders": {"outcome": "candidate", "files": files}})
    record = by_name(layer)["ecommerce.bronze.orders"]

    assert (record["files"], record["failed_files"]) == (3, 1)


def test_what_gold_derives_for_silver_keeps_its_own_address() -> None:
    derived = [contract for contract in made_in("clinical", "gold") if contract.name == "inpatient_episode"]
    layer = LayerFacts("gold", tuple(derived), {}, {}, {})
    (record,) = table_records(RUN, layer)

    assert (record["table_address"], record["layer"]) == ("clinical.silver.inpatient_episode", "silver")


def test_each_expectation_is_a_record_in_its_order() -> None:
    layer = facts(verdicts={"orders": {"outcome": "warned", "expectations": [HOLDS, BROKEN]}})
    records = result_records(RUN, layer)

    assert [(one["expectation_number"], one["success"], one["severity"]) for one in records] == [
        (1, True, "critical"),
        (2, False, "warning"),
    ]
    assert {one["table_address"] for one in records} == {"ecommerce.silver.orders"}


def test_of_patients_only_counts_are_kept() -> None:
    """The ledger lies outside the buckets of patients' data."""
    (patients,) = (one for one in made_in("clinical", "silver") if one.name == "patient")
    unreadable = {
        "type": "expect_file_to_be_readable",
        "column": None,
        "severity": "warning",
        "success": False,
        "expectation": "s3://ward/raw/patient/jane_doe.ndjson can be read",
        "observed": "line 3 is 'Jane",
    }
    oldest = HOLDS | {"success": False, "observed": "observed Jane Doe", "expectation": "names are short"}
    broken = HOLDS | {"success": False, "observed": "3 of 9 rows are not so: Jane"}
    verdict = {"outcome": "failed", "expectations": [unreadable, oldest, broken]}
    records = result_records(RUN, LayerFacts("silver", (patients,), {}, {}, {"patient": verdict}))

    assert [(one["expectation"], one["observed"]) for one in records] == [
        ("every file can be read", None),
        ("names are short", None),
        ("user_id must be present", "3 of 9 rows"),
    ]
    assert "jane" not in str(records).lower()


@pytest.mark.parametrize(
    ("made", "dataset"),
    [(table_records, "runs"), (result_records, "expectation_results")],
    ids=["runs", "expectation_results"],
)
def test_a_record_has_exactly_the_columns_of_its_contract(made: Any, dataset: str) -> None:
    layer = facts(verdicts={"orders": {"expectations": [HOLDS]}})
    (contract,) = (one for one in made_in("operations", "bronze") if one.name == dataset)

    assert {frozenset(record) for record in made(RUN, layer)} == {frozenset(contract.column_names)}
