"""A run's OpenLineage events: which tables and versions they name, and what a failure tells."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from openlineage.client.serde import Serde

from lakehouse.contract import Contract, made_in
from orchestration.lineage_datasets import Place
from orchestration.lineage_events import run_events
from orchestration.run_record import LayerFacts, RunFacts
from tests.orchestration.documents_on_s3 import SECRET_VALUE, USER_ID, broken

STARTED = datetime(2025, 4, 2, 6, tzinfo=UTC)
RECORDED = datetime(2025, 4, 2, 6, 10, tzinfo=UTC)
RUN = RunFacts("ecommerce", "run-1", "manual", started_at=STARTED, recorded_at=RECORDED)
PLACE = Place("prod", {"*": "lake"}, "us-east-1", "123456789012")

type Event = dict[str, Any]


def contracts(layer: str, *names: str, domain: str = "ecommerce") -> tuple[Contract, ...]:
    return tuple(contract for contract in made_in(domain, layer) if contract.name in names)


def glue_run(state: str = "SUCCEEDED", **fields: Any) -> dict[str, Any]:
    return {"Id": "jr_0", "JobRunState": state, **fields}


def facts(layer: str, *names: str, **fields: Any) -> LayerFacts:
    whole: dict[str, Any] = {"candidates": {}, "published": {}, "verdicts": {}}
    return LayerFacts(layer, contracts(layer, *names), **(whole | fields))


def told(*layers: LayerFacts, has_succeeded: bool = True, run: RunFacts = RUN) -> list[Event]:
    """The events as they are sent."""
    return [Serde.to_dict(event) for event in run_events(run, PLACE, layers, has_succeeded=has_succeeded)]


def ends(events: list[Event]) -> dict[str, Event]:
    """Job → the event that ends it."""
    return {event["job"]["name"]: event for event in events if event["eventType"] != "START"}


def versions(datasets: list[Event]) -> dict[str, str | None]:
    return {
        f"{one['namespace']}/{one['name']}": one["facets"].get("version", {}).get("datasetVersion")
        for one in datasets
    }


GOLD = facts(
    "gold",
    "daily_sales",
    candidates={"daily_sales": {"outcome": "candidate", "inputs": {"ecommerce.silver.orders": 3}}},
    published={
        "daily_sales": {
            "version_before": 6,
            "version_after": 7,
            "rows": 31,
            "inputs": {"ecommerce.silver.orders": 4, "ecommerce.silver.order_items": 9},
        }
    },
)


def test_a_published_table_names_the_versions_that_were_published_and_taken_in() -> None:
    """Those of the publication: the candidate may have been made anew since its document was written."""
    event = ends(told(GOLD))["ecommerce.silver_to_gold.daily_sales"]

    assert event["eventType"] == "COMPLETE"
    assert versions(event["outputs"]) == {"s3://lake/gold/daily_sales": "7"}
    assert versions(event["inputs"]) == {
        "s3://lake/silver/orders": "4",
        "s3://lake/silver/order_items": "9",
    }
    (output,) = event["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 31


def test_a_table_has_its_schema_source_and_name_in_the_catalog() -> None:
    (output,) = ends(told(GOLD))["ecommerce.silver_to_gold.daily_sales"]["outputs"]
    facets = output["facets"]

    (contract,) = contracts("gold", "daily_sales")
    assert [(one["name"], one["type"]) for one in facets["schema"]["fields"]] == [
        (column.name, column.physicalType) for column in contract.columns
    ]
    assert facets["dataSource"]["uri"] == "s3://lake"
    (link,) = facets["symlinks"]["identifiers"]
    assert (link["namespace"], link["name"], link["type"]) == (
        "arn:aws:glue:us-east-1:123456789012",
        "table/ecommerce_gold/daily_sales",
        "TABLE",
    )


def test_bronze_is_made_from_folders_of_deliveries() -> None:
    layer = facts(
        "bronze",
        "orders",
        candidates={"orders": {"outcome": "candidate", "files": [{"uri": "s3://lake/raw/orders/jane.csv"}]}},
        published={"orders": {"version_after": 1, "rows": 2, "inputs": {}}},
    )
    events = told(layer)

    event = ends(events)["ecommerce.raw_to_bronze.orders"]
    assert versions(event["inputs"]) == {"s3://lake/raw/orders": None}
    assert "jane" not in json.dumps(events)


def test_each_run_starts_ends_and_names_its_dag_run_as_parent() -> None:
    events = told(GOLD)

    assert [(one["job"]["name"], one["eventType"]) for one in events] == [
        ("ecommerce", "START"),
        ("ecommerce", "COMPLETE"),
        ("ecommerce.silver_to_gold.daily_sales", "START"),
        ("ecommerce.silver_to_gold.daily_sales", "COMPLETE"),
    ]
    dag, _, started, ended = events
    assert started["run"]["runId"] == ended["run"]["runId"] != dag["run"]["runId"]
    parent = ended["run"]["facets"]["parent"]
    assert (parent["run"]["runId"], parent["job"]["name"]) == (dag["run"]["runId"], "ecommerce")
    assert {one["job"]["namespace"] for one in events} == {parent["job"]["namespace"]} == {"lakehouse-prod"}


def test_a_run_that_is_recorded_again_keeps_its_ids_and_another_has_others() -> None:
    def ids(run: RunFacts) -> list[str]:
        return [event["run"]["runId"] for event in told(GOLD, run=run)]

    again = RunFacts("ecommerce", "run-1", "manual", started_at=STARTED, recorded_at=datetime.now(UTC))
    other = RunFacts("ecommerce", "run-2", "manual", started_at=STARTED, recorded_at=RECORDED)
    assert ids(again) == ids(RUN)
    assert not {*ids(other)} & {*ids(RUN)}


def test_times_are_those_of_the_glue_runs() -> None:
    first, last = datetime(2025, 4, 2, 6, 1, tzinfo=UTC), datetime(2025, 4, 2, 6, 5, tzinfo=UTC)
    layer = facts(
        "gold",
        "daily_sales",
        candidates=GOLD.candidates,
        published=GOLD.published,
        candidate_runs=[glue_run(StartedOn=first, CompletedOn=datetime(2025, 4, 2, 6, 3, tzinfo=UTC))],
        publish_runs=[glue_run(StartedOn=datetime(2025, 4, 2, 6, 4, tzinfo=UTC), CompletedOn=last)],
    )
    times = [datetime.fromisoformat(event["eventTime"]) for event in told(layer)]

    assert times == [STARTED, RECORDED, first, last]


def test_a_table_with_nothing_new_is_not_told_of() -> None:
    events = told(facts("silver", "orders", candidates={"orders": {"outcome": "nothing_new"}}))

    assert {event["job"]["name"] for event in events} == {"ecommerce"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"candidate_runs": [glue_run("FAILED")]}, "not published: Glue run jr_0 ended FAILED"),
        ({"candidate_runs": [glue_run()]}, "not published: its layer was not"),
        ({"verdicts": {"orders": {"outcome": "failed"}}}, "not published: its gate closed"),
    ],
    ids=["died", "another's gate", "gate"],
)
def test_a_table_that_was_not_published_fails_and_says_why(fields: dict[str, Any], message: str) -> None:
    events = ends(told(facts("silver", "orders", **fields), has_succeeded=False))

    event = events["ecommerce.bronze_to_silver.orders"]
    assert event["eventType"] == events["ecommerce"]["eventType"] == "FAIL"
    assert event["run"]["facets"]["errorMessage"]["message"] == message
    assert versions(event["outputs"]) == {"s3://lake/silver/orders": None}
    assert versions(event["inputs"]) == {"s3://lake/bronze/orders": None}


def test_a_gate_tells_each_expectation_and_no_value() -> None:
    verdict = {"outcome": "failed", "expectations": [USER_ID, broken(USER_ID, f"observed {SECRET_VALUE}")]}
    events = told(facts("silver", "orders", verdicts={"orders": verdict}), has_succeeded=False)

    gate = ends(events)["ecommerce.bronze_to_silver.gate_orders"]
    assert gate["eventType"] == "FAIL"
    (table,) = gate["inputs"]
    assert (table["namespace"], table["name"], gate["outputs"]) == ("s3://lake", "silver/orders", [])
    assert [
        (one["assertion"], one["column"], one["severity"], one["success"])
        for one in table["inputFacets"]["dataQualityAssertions"]["assertions"]
    ] == [
        ("expect_column_values_to_not_be_null", "user_id", "error", True),
        ("expect_column_values_to_not_be_null", "user_id", "error", False),
    ]
    assert SECRET_VALUE not in json.dumps(events)


def test_what_gold_derives_for_silver_is_named_where_it_lies() -> None:
    buckets = {"silver": "silver-data", "gold": "gold-data", "*": "other"}
    layer = LayerFacts("gold", contracts("gold", "inpatient_episode", domain="clinical"), {}, {}, {})
    run = RunFacts("clinical", "run-1", "manual", started_at=STARTED, recorded_at=RECORDED)
    place = Place("prod", buckets, "us-east-1", "123456789012")
    events = [Serde.to_dict(event) for event in run_events(run, place, [layer], has_succeeded=True)]

    event = ends(events)["clinical.silver_to_gold.inpatient_episode"]
    assert versions(event["outputs"]) == {"s3://silver-data/silver/inpatient_episode": None}
    assert {one["namespace"] for one in event["inputs"]} == {"s3://silver-data"}


def test_events_and_facets_name_the_schemas_that_they_follow() -> None:
    def schemas(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node[key] for key in ("schemaURL", "_schemaURL") if key in node]
            return own + [url for value in node.values() for url in schemas(value)]
        return [url for value in node for url in schemas(value)] if isinstance(node, list) else []

    found = schemas(told(GOLD))
    assert "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent" in found
    assert all(re.fullmatch(r"https://openlineage\.io/spec/.+\.json#/\$defs/\w+", url) for url in found)
