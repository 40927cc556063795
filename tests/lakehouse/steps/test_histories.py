"""The laws on hundreds of random histories, delivered together through the real steps, each against the oracle.

Lake `one_by_one` runs after every delivery; `another_order` gets the same record versions in another order, the first
deliveries in one run.
"""

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.contract import tables
from tests.lakehouse.delivered import put_at_one_time
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.histories import DATASETS, DELIVERIES, FILES, History, file_of, several, together
from tests.lakehouse.steps.lake import Lake, in_order, printed
from tests.oracle.ecommerce import COLUMNS, KEYS, Result, calculate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [pytest.mark.timeout(3600), pytest.mark.spark]

HISTORIES = 300
GOLD = [contract.name for contract in tables("ecommerce", "gold")]
# A third of all rows is wrong somewhere; how much of it a gate would let pass is not the matter here.
ANY_SHARE = {"rejected_share_limit": 1.0}
PLACE = ("_source_hash", "_source_row")

type Position = tuple[str | None, ...]
type ByHistory = dict[int, Any]


@dataclass
class Story:
    """A lake that took in all histories, and whose row each delivered row is."""

    lake: Lake
    histories: list[History]
    owners: dict[Position, int] = field(default_factory=dict)
    statuses: dict[str, ByHistory] = field(default_factory=dict)

    def expected(self) -> list[Result]:
        return [calculate(history.deliveries(number)) for number, history in enumerate(self.histories)]

    def deliver(self, delivery: int) -> None:
        """All histories' rows of one delivery; again, under another name, a file of the one before."""
        for dataset in DATASETS:
            files = {
                f"raw/{dataset}/{dataset}_{delivery}_{file}.csv": self._content(dataset, delivery, file)
                for file in range(FILES)
            }
            put_at_one_time(self.lake.s3, self.lake.bucket, files)
            if delivery:
                again = self._content(dataset, delivery - 1, 0)
                self.lake.deliver(dataset, f"{dataset}_{delivery - 1}_0_again.csv", again)
        time.sleep(1.1)

    def _content(self, dataset: str, delivery: int, file: int) -> bytes:
        content, owners = file_of(self.histories, dataset, delivery, file)
        digest = hashlib.sha256(content).hexdigest()
        self.owners |= {(digest, str(line)): number for line, number in enumerate(owners, start=2)}
        return content

    def take_in(self, run_id: str, *layers: str) -> None:
        run = self.lake.a_run(run_id, **ANY_SHARE)
        for layer in layers or ("bronze", "silver"):
            self.lake.candidate(layer, run)
            self.lake.publish(layer, run)

    def by_history(self, rows: "DataFrame", view: Callable[[dict[str, str | None]], Any]) -> ByHistory:
        """History → `view` of each of its rows, in one order."""
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in texts(rows):
            found[self.owners[tuple(row[name] for name in PLACE)]].append(view(row))
        return {number: sorted(rows, key=str) for number, rows in found.items()}


@pytest.fixture(scope="module")
def one_by_one(spark: "SparkSession", s3: "S3Client") -> Story:
    story = Story(Lake.of_its_own(spark, s3), several(HISTORIES))
    for delivery in range(DELIVERIES):
        story.deliver(delivery)
        story.take_in(f"run_{delivery}")
    story.take_in("gold", "gold")
    refresh = story.lake.a_run("refresh", **ANY_SHARE, full_refresh=True)
    for table, candidate in story.lake.candidate("silver", refresh).items():
        judged = spark.read.format("delta").load(candidate["candidate_uri"])
        story.statuses[table] = story.by_history(judged, lambda row: row["_status"])
    return story


@pytest.fixture(scope="module")
def another_order(spark: "SparkSession", s3: "S3Client") -> Story:
    story = Story(Lake.of_its_own(spark, s3), [history.in_another_order() for history in several(HISTORIES)])
    for delivery in range(DELIVERIES):
        story.deliver(delivery)
        if delivery >= DELIVERIES - 2:
            story.take_in(f"run_{delivery}")
    story.take_in("gold", "gold")
    return story


@pytest.fixture(params=["one_by_one", "another_order"])
def story(request: pytest.FixtureRequest) -> Story:
    found: Story = request.getfixturevalue(request.param)
    return found


def published(story: Story, table: str) -> ByHistory:
    names = [name for name, *_ in COLUMNS[table]]
    rows = story.lake.table(f"silver.{table}").select(*names, *PLACE)
    return story.by_history(rows, lambda row: {name: row[name] for name in names})


def rejected(story: Story, table: str) -> ByHistory:
    rows = story.lake.table(f"rejected.{table}").select("category", "rule", "key", *PLACE)
    return story.by_history(rows, lambda row: (row["category"], row["rule"], json.loads(str(row["key"]))))


def compare(story: Story, found: ByHistory, expected: Mapping[int, Any]) -> None:
    """Fails with the first history that differs and all that it delivered."""
    differ = [
        number for number in range(len(story.histories)) if found.get(number, []) != expected.get(number, [])
    ]
    if differ:
        first = differ[0]
        pytest.fail(
            f"{len(differ)} of {len(story.histories)} histories differ: {differ[:20]}. History {first}:\n"
            f"{story.histories[first]}\nfound    {found.get(first)}\nexpected {expected.get(first)}"
        )


@pytest.mark.parametrize("table", DATASETS)
def test_every_history_ends_in_the_oracles_table(story: Story, table: str) -> None:
    expected = {
        number: sorted(printed(result.silver[table]), key=str)
        for number, result in enumerate(story.expected())
    }
    compare(story, published(story, table), expected)


@pytest.mark.parametrize("table", DATASETS)
def test_every_history_is_refused_what_the_oracle_refuses(story: Story, table: str) -> None:
    expected = {
        number: sorted(
            (
                (one.category, one.rule, {k: one.row[k] for k in KEYS[table] if one.row[k] is not None})
                for one in result.rejected[table]
            ),
            key=str,
        )
        for number, result in enumerate(story.expected())
    }
    compare(story, rejected(story, table), expected)


@pytest.mark.parametrize("table", DATASETS)
def test_the_order_of_deliveries_does_not_matter(one_by_one: Story, another_order: Story, table: str) -> None:
    moved = [one != other for one, other in zip(one_by_one.histories, another_order.histories, strict=True)]
    assert sum(moved) > HISTORIES / 2
    compare(one_by_one, published(one_by_one, table), published(another_order, table))
    compare(one_by_one, rejected(one_by_one, table), rejected(another_order, table))


@pytest.mark.parametrize("table", DATASETS)
def test_every_delivered_row_is_in_one_place(story: Story, table: str) -> None:
    def places(layer: str) -> Counter[Position]:
        rows = texts(story.lake.table(f"{layer}.{table}"), PLACE)
        return Counter(tuple(row[name] for name in PLACE) for row in rows)

    source, kept, refused = places("bronze"), places("silver"), places("rejected")

    delivered = [one for history in story.histories for one in history.arrived if one.dataset == table]
    assert source.total() == len(delivered), "bronze holds every delivered row, and no file twice"
    assert set(source.values()) == {1}
    assert kept + refused <= source, "no row is published or rejected twice, or both"


@pytest.mark.parametrize("table", DATASETS)
def test_every_row_has_the_oracles_status(one_by_one: Story, table: str) -> None:
    expected = {
        number: sorted(result.counts[table].elements()) for number, result in enumerate(one_by_one.expected())
    }
    compare(one_by_one, one_by_one.statuses[table], expected)


@pytest.mark.parametrize("table", GOLD)
def test_gold_of_all_histories_is_the_oracles(story: Story, table: str) -> None:
    expected = calculate(together(story.histories)).gold[table]
    assert story.lake.rows(f"gold.{table}") == in_order(printed(expected))


def test_the_histories_hold_all_that_can_go_wrong(one_by_one: Story) -> None:
    results = one_by_one.expected()
    statuses = Counter(status for result in results for status in result.counts["order_items"].elements())
    rules = Counter(one.rule for result in results for table in DATASETS for one in result.rejected[table])
    assert min(statuses[name] for name in ("published", "deduplicated", "superseded", "rejected")) >= 20
    assert {"duplicate_key", "reference:order_id", "reference:product_id"} <= set(rules)
    assert sum(count for rule, count in rules.items() if rule.startswith("type:")) >= 20
    assert sum(count for rule, count in rules.items() if rule.startswith("required:")) >= 20
    assert adopted(one_by_one) >= 20


def adopted(story: Story) -> int:
    """Lines that lacked a parent after an earlier delivery and are published in the end."""
    count = 0
    for number, history in enumerate(story.histories):
        deliveries = history.deliveries(number)
        end = calculate(deliveries).silver["order_items"]
        for until in range(1, DELIVERIES):
            waiting = calculate(deliveries[:until]).rejected["order_items"]
            count += any(one.category == "referential" and one.row in end for one in waiting)
    return count
