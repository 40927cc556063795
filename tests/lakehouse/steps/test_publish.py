"""Publishing when others publish too: zombies, retries, older candidates, and a death between two commits."""

from hashlib import sha256
from threading import Event, Thread

import pytest

from lakehouse.address import Address
from lakehouse.steps.publish import UnauditedError
from lakehouse.steps.run import Run
from lakehouse.storage import publication
from lakehouse.storage.documents import read_document, write_document
from tests.lakehouse.delivered import as_csv
from tests.lakehouse.steps.death import death_before_the_table
from tests.lakehouse.steps.lake import Lake, Text
from tests.lakehouse.steps.orders import order

ORDERS = ("orders",)
ORDERS_TABLE = Address("ecommerce", "silver", "orders")


def publish_layer(lake: Lake, layer: str, run: Run) -> None:
    lake.candidate(layer, run)
    lake.publish(layer, run)


def amounts(rows: list[Text]) -> dict[str | None, str | None]:
    return {row["order_id"]: row["total_amount"] for row in rows}


@pytest.mark.parametrize("layer", ["bronze", "silver"])
def test_two_attempts_of_one_run_publish_once(new_lake: Lake, layer: str) -> None:
    """A zombie and its retry, each with a candidate of its own; the zombie publishes last."""
    lake = new_lake
    lake.deliver("orders", "first.csv", [order(1), order(2, "n/a")])
    run = lake.a_run("one", tables=ORDERS, rejected_share_limit=1.0)
    if layer == "silver":
        publish_layer(lake, "bronze", run)
    lake.candidate(layer, run)
    of_the_zombie = read_document(run.candidate_document(layer))
    retry = lake.a_run("one", tables=ORDERS, rejected_share_limit=1.0)
    publish_layer(lake, layer, retry)
    before = lake.versions(), lake.rows(f"{layer}.orders")

    write_document(run.candidate_document(layer), of_the_zombie)
    lake.publish(layer, run)

    assert (lake.versions(), lake.rows(f"{layer}.orders")) == before


def test_an_older_candidate_never_undoes_a_newer_publication(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "first.csv", [order(1, "1.00", minute=1), order(2)])
    old = lake.a_run("old", tables=ORDERS)
    publish_layer(lake, "bronze", old)
    lake.candidate("silver", old)
    lake.deliver("orders", "second.csv", [order(1, "9.00", minute=2)])
    new = lake.a_run("new", tables=ORDERS)
    publish_layer(lake, "bronze", new)
    publish_layer(lake, "silver", new)
    assert amounts(lake.rows("silver.orders")) == {"1": "9.00", "2": "5.00"}
    before = lake.versions()

    lake.publish("silver", old)

    assert lake.versions() == before, "what it had to say was said by the other"
    assert amounts(lake.rows("silver.orders")) == {"1": "9.00", "2": "5.00"}


def with_a_stale_candidate(lake: Lake) -> Run:
    """A run whose candidate of order 1 is made; another run has published the same since."""
    lake.deliver("orders", "first.csv", [order(1)])
    first = lake.a_run("first", tables=ORDERS)
    publish_layer(lake, "bronze", first)
    lake.candidate("silver", first)
    publish_layer(lake, "silver", lake.a_run("other", tables=ORDERS))
    return first


def test_a_stale_candidate_is_made_anew(new_lake: Lake) -> None:
    """The other run published other rows; neither is lost."""
    lake = new_lake
    first = with_a_stale_candidate(lake)
    lake.deliver("orders", "second.csv", [order(2)])
    publish_layer(lake, "bronze", lake.a_run("second", tables=ORDERS))

    lake.publish("silver", first)

    assert set(amounts(lake.rows("silver.orders"))) == {"1", "2"}
    told = read_document(first.published_document("silver"))["tables"]["orders"]
    assert told["version_after"] == told["version_before"] + 1
    version, said = publication.latest(lake.uri(ORDERS_TABLE)) or pytest.fail("nothing was published")
    assert (told["version_after"], told["inputs"]) == (version, said.inputs)
    assert said.inputs == {"ecommerce.bronze.orders": lake.versions()["ecommerce.bronze.orders"]}


def test_what_is_made_anew_is_judged_anew(new_lake: Lake) -> None:
    lake = new_lake
    first = with_a_stale_candidate(lake)
    lake.deliver("orders", "bad.csv", [order(2), order(3, "n/a")])
    publish_layer(lake, "bronze", lake.a_run("bad", tables=ORDERS))
    before = lake.versions()

    with pytest.raises(
        UnauditedError, match=r"ecommerce\.silver\.orders: the checkpoint's verdict is 'failed'"
    ):
        lake.publish("silver", first)

    assert lake.versions() == before


@pytest.mark.parametrize("way_on", ["same candidate", "new candidate", "another run"])
def test_a_death_between_the_two_commits_is_mended(new_lake: Lake, way_on: str) -> None:
    lake = new_lake
    any_share = {"tables": ORDERS, "rejected_share_limit": 1.0}
    lake.deliver("orders", "first.csv", [order(1), order(2, "n/a"), order(3, "n/a", minute=1)])
    run = lake.a_run("first", **any_share)
    publish_layer(lake, "bronze", run)
    lake.candidate("silver", run)
    with death_before_the_table():
        lake.publish("silver", run)

    if way_on == "another run":
        lake.deliver("orders", "second.csv", [order(3, "3.00", minute=2)])
        run = lake.a_run("second", **any_share)
        publish_layer(lake, "bronze", run)
    if way_on != "same candidate":
        lake.candidate("silver", run)
    lake.publish("silver", run)

    found = amounts(lake.rows("silver.orders"))
    rejected = {row["rule"]: row["key"] for row in lake.table("rejected.orders").collect()}
    if way_on == "another run":
        assert found == {"1": "5.00", "3": "3.00"}
        assert lake.table("rejected.orders").count() == 2
    else:
        assert found == {"1": "5.00"}
        assert lake.table("rejected.orders").count() == 2
    assert set(rejected) == {"type:total_amount"}


def test_a_commit_says_what_it_was_made_from(new_lake: Lake) -> None:
    lake = new_lake
    content = as_csv([order(1), order(2, "n/a")])
    lake.deliver("orders", "first.csv", content)
    run = lake.a_run("first", tables=ORDERS, rejected_share_limit=1.0)
    publish_layer(lake, "bronze", run)
    candidate = lake.candidate("silver", run)["orders"]
    lake.publish("silver", run)

    version, said = publication.latest(f"s3://{lake.bucket}/silver/orders") or (None, None)

    assert said == publication.Publication(
        candidate=candidate["candidate_uri"],
        run_id="first",
        inputs={"ecommerce.bronze.orders": 1},
        beside={"ecommerce.rejected.orders": 1},
    )
    assert version == 1
    assert publication.sources_gained(f"s3://{lake.bucket}/bronze/orders", 0, 1) == {
        sha256(content).hexdigest()
    }


def test_after_a_restore_it_is_unknown_what_was_taken_in(new_lake: Lake) -> None:
    lake = new_lake
    lake.deliver("orders", "first.csv", [order(1)])
    run = lake.a_run("first", tables=ORDERS)
    publish_layer(lake, "bronze", run)
    publish_layer(lake, "silver", run)
    uri = f"s3://{lake.bucket}/silver/orders"
    lake.spark.sql(f"RESTORE TABLE delta.`{uri}` TO VERSION AS OF 0")
    assert publication.latest(uri) is None

    publish_layer(lake, "silver", lake.a_run("second", tables=ORDERS))

    assert set(amounts(lake.rows("silver.orders"))) == {"1"}, "everything is taken in anew"


def test_a_reader_sees_all_of_a_batch_or_nothing(new_lake: Lake) -> None:
    """Spark looks all the time, while a delivery of several dates is judged and published."""
    lake, seen, over = new_lake, [], Event()
    days = [{**order(number), "date": f"2025-04-{1 + number % 5:02d}"} for number in range(1, 21)]
    lake.deliver("orders", "first.csv", days)
    run = lake.a_run("first", tables=ORDERS)
    publish_layer(lake, "bronze", run)
    publish_layer(lake, "silver", run)
    lake.deliver(
        "orders",
        "second.csv",
        [{**day, "total_amount": "6.00", "order_timestamp": "2025-04-01T11:00:00"} for day in days],
    )
    run = lake.a_run("second", tables=ORDERS)

    def look() -> None:
        reader = lake.spark.newSession()
        while not over.is_set():
            table = reader.read.format("delta").load(f"s3://{lake.bucket}/silver/orders")
            seen.append({row["total_amount"] for row in table.select("total_amount").collect()})

    thread = Thread(target=look)
    thread.start()
    publish_layer(lake, "bronze", run)
    publish_layer(lake, "silver", run)
    over.set()
    thread.join()

    assert len(seen) > 3
    assert all(len(amounts) == 1 for amounts in seen), seen
    assert seen[0] != {row["total_amount"] for row in lake.table("silver.orders").collect()}
