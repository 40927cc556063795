"""Exactly once, whatever the order: faulty deliveries through the real steps, against the oracle.

They come one at a time, in a mixed order of days, with every kind of repetition. Hundreds of small histories, in
several orders: test_histories.py.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.simulate.ecommerce import (
    DATASETS,
    Dataset,
    Delivery,
    EcommerceData,
    FileFormat,
    generate,
    write,
)
from lakehouse.simulate.ecommerce_faults import Faults
from lakehouse.storage.documents import read_document
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import GOLD, LAYERS, SILVER, Lake, printed
from tests.oracle.ecommerce import KEYS, Result, calculate
from tests.oracle.ecommerce import Delivery as Delivered

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

# Ten steps on a machine that others use as well.
pytestmark = pytest.mark.timeout(3600)

# Half of everything is wrong somewhere; how much of it a gate would let pass is not the matter here.
FAULTS = Faults(
    mismatched_department_share=0.2,
    changed_product_share=0.1,
    no_line_share=0.08,
    duplicate_line_share=0.06,
    orphan_line_share=0.04,
    missing_user_share=0.04,
    unparsable_amount_share=0.04,
    corrected_order_share=0.15,
    late_order_share=0.15,
    late_line_share=0.1,
    repeated_row_share=0.1,
)
ANY_SHARE = {"rejected_share_limit": 1.0}
POSITION = ("_source_hash", "_source_sheet", "_source_row")


def deliveries(arrival: Sequence[int]) -> list[Delivery]:
    """Three days' orders and lines in the order of `arrival`; the catalog comes first, its changes in their order."""
    days = generate(11, days=3, orders_per_day=25, products=20, faults=FAULTS).deliveries
    line = {**days[1].order_items[0], "days_since_prior_order": None, "reordered": 0, "order_id": 1}
    # Its order comes on another day, and its product on yet another.
    days[2].order_items.append({**line, "id": 900_001, "product_id": 500})
    days[0].orders.append({**days[1].orders[0], "order_id": 1, "user_id": 1, "total_amount": "0.07"})
    days[2].products.append({**days[0].products[0], "product_id": 500})
    return [replace(days[day], products=days[place].products) for place, day in enumerate(arrival)]


@dataclass
class Story:
    """A lake after its deliveries, what the oracle expects, and what was seen on the way."""

    lake: Lake
    deliveries: list[Delivery]
    seen: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def expected(self) -> Result:
        return calculate([Delivered([(n, day.rows(n)) for n in DATASETS]) for day in self.deliveries])

    def delivered(self, dataset: Dataset) -> int:
        return sum(len(day.rows(dataset)) for day in self.deliveries)


@pytest.fixture(scope="module")
def history(spark: "SparkSession", s3: "S3Client", tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One delivery after the other, with every kind of repetition."""
    lake = Lake.of_its_own(spark, s3)
    story = Story(lake, deliveries(arrival=(2, 0, 1)))
    first, second, third = story.deliveries

    deliver(lake, first, tmp_path_factory.mktemp("first"))
    lake.run("first", **ANY_SHARE)

    deliver(lake, second, tmp_path_factory.mktemp("second"), "xlsx")
    deliver(lake, first, tmp_path_factory.mktemp("first"), prefix="sent_again_")
    run = lake.a_run("second", **ANY_SHARE)
    lake.candidate("bronze", replace(run, attempt="given_up"))
    for layer in LAYERS:
        story.seen[f"second {layer}"] = lake.candidate(layer, run)
        lake.publish(layer, run)
        versions = lake.versions()
        lake.publish(layer, run)
        story.seen[f"publish {layer} twice"] = (versions, lake.versions())

    deliver(lake, third, tmp_path_factory.mktemp("third"))
    story.seen["third"] = lake.run("third", **ANY_SHARE)
    look(story)

    versions = lake.versions()
    story.seen["nothing new"] = lake.run("nothing_new")
    story.seen["versions before and after nothing new"] = (versions, lake.versions())
    story.seen["refresh"] = lake.run("refresh", **ANY_SHARE, full_refresh=True)
    return story


def deliver(
    lake: Lake, delivery: Delivery, folder: Path, file_format: FileFormat = "csv", prefix: str = ""
) -> None:
    for path in write(EcommerceData((delivery,)), folder, "daily", file_format):
        (dataset,) = (name for name in DATASETS if path.name.startswith(f"{name}_2"))
        lake.deliver(dataset, f"{prefix}{path.name}", path.read_bytes())


def look(story: Story) -> None:
    """Keep the rows as they are now."""
    for address in [*SILVER, *GOLD]:
        story.seen[address] = story.lake.rows(address)


@pytest.mark.parametrize("address", [*SILVER, *GOLD])
def test_tables_are_the_oracles(history: Story, address: str) -> None:
    layer, table = address.split(".")
    expected = getattr(history.expected, layer)[table]
    assert expected
    assert history.seen[address] == printed(expected)


@pytest.mark.parametrize("table", DATASETS)
def test_refused_rows_are_the_oracles(history: Story, table: Dataset) -> None:
    found = Counter(
        (row["category"], row["rule"], json.dumps(json.loads(row["key"])))
        for row in history.lake.table(f"rejected.{table}").collect()
    )
    expected = Counter(
        (one.category, one.rule, json.dumps({k: one.row[k] for k in KEYS[table] if one.row[k] is not None}))
        for one in history.expected.rejected[table]
    )
    assert found == expected


@pytest.mark.parametrize("table", DATASETS)
def test_every_row_is_in_one_place(history: Story, table: Dataset) -> None:
    lake = history.lake
    source = Counter(map(place, texts(lake.table(f"bronze.{table}"), POSITION)))
    published = Counter(map(place, texts(lake.table(f"silver.{table}"), POSITION)))
    rejected = Counter(map(place, texts(lake.table(f"rejected.{table}"), POSITION)))

    assert source.total() == history.delivered(table), "bronze holds every delivered row, and no file twice"
    assert set((source | published | rejected).values()) == {1}
    assert not published & rejected
    assert published + rejected <= source
    counts = history.expected.counts[table]
    assert (
        source.total() - published.total() - rejected.total() == counts["deduplicated"] + counts["superseded"]
    )


@pytest.mark.parametrize("table", DATASETS)
def test_a_refresh_judges_every_row_and_changes_none(history: Story, table: Dataset) -> None:
    counts = history.seen["refresh"]["silver"][table]["counts"]

    assert counts["read"] == history.delivered(table)
    assert (
        Counter({name: n for name, n in counts.items() if n and name != "read"})
        == history.expected.counts[table]
    )
    assert history.lake.rows(f"silver.{table}") == history.seen[f"silver.{table}"]


@pytest.mark.parametrize("address", GOLD)
def test_a_refresh_changes_no_row_of_gold(history: Story, address: str) -> None:
    assert history.lake.rows(address) == history.seen[address]


def test_the_same_content_is_taken_in_once(history: Story) -> None:
    """The second run found the first files, the same under other names, and new ones."""
    for table, candidate in history.seen["second bronze"].items():
        new_rows = len(history.deliveries[1].rows(table))
        statuses = Counter(file["status"] for file in candidate["files"])
        assert statuses == Counter(duplicate=2, loaded=1 if new_rows else 0)
        assert {file["rows"] for file in candidate["files"] if file["status"] == "duplicate"} == {0}
        assert candidate["rows"] == new_rows


@pytest.mark.parametrize("layer", LAYERS)
def test_publishing_twice_changes_nothing(history: Story, layer: str) -> None:
    once, twice = history.seen[f"publish {layer} twice"]
    assert once == twice
    told = read_document(history.lake.a_run("second").published_document(layer))["tables"]
    assert told
    for table, publication in told.items():
        version = once[f"ecommerce.{layer}.{table}"]
        assert publication["version_before"] == publication["version_after"] == version


def test_nothing_new_changes_no_table(history: Story) -> None:
    before, after = history.seen["versions before and after nothing new"]
    assert before == after
    assert None not in before.values()
    for layer, candidates in history.seen["nothing new"].items():
        assert {candidate["outcome"] for candidate in candidates.values()} == {"nothing_new"}
        for table in candidates:
            assert history.lake.verdict("nothing_new", f"{layer}.{table}")["outcome"] == "nothing_new"


def place(row: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """Where a row came from."""
    return tuple(row[name] for name in POSITION)
