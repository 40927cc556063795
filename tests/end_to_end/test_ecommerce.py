"""The ecommerce DAG through Airflow's scheduler on the embedded AWS; the tests tell one story, in their order."""

from pathlib import Path

from local_aws.faults.client import FaultClient
from tests.end_to_end.expected import GOLD, SILVER, assert_equal_to_oracle
from tests.end_to_end.readers import watching
from tests.end_to_end.stack import BUCKET, Stack

LAYERS = ["bronze", "silver", "gold"]


def _versions(stack: Stack) -> dict[str, int]:
    tables = [("bronze", name) for name in SILVER] + [("silver", name) for name in SILVER]
    tables += [("gold", name) for name in GOLD]
    return {f"{layer}.{name}": stack.table(layer, name).version() for layer, name in tables}


def test_the_first_run_publishes_what_an_independent_calculation_gives(
    stack: Stack, deliveries: list[list[Path]]
) -> None:
    output = stack.must("run", "ecommerce", "--data-dir", deliveries[0][0].parent)

    assert "archive" in output
    for name in GOLD:
        assert f"ecommerce.gold.{name}" in output
    assert_equal_to_oracle(stack, deliveries[:1])


def test_raw_files_are_archived_and_candidates_deleted(stack: Stack, deliveries: list[list[Path]]) -> None:
    s3 = stack.client("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"] if entry["Size"]]

    archived = sorted(key.rpartition("/")[2] for key in keys if key.startswith("raw/archive/"))
    assert archived == sorted(path.name for path in deliveries[0])
    assert not [key for key in keys if "/processing/" in key]
    assert not [key for key in keys if key.startswith(("raw/products/", "raw/orders/", "raw/order_items/"))]


def test_a_run_with_nothing_new_changes_no_table(stack: Stack) -> None:
    before = _versions(stack)

    assert "Nothing new" in stack.must("run", "ecommerce")
    assert _versions(stack) == before


def test_dates_recomputed_give_the_same_tables(stack: Stack, deliveries: list[list[Path]]) -> None:
    before = _versions(stack)
    stack.must("run", "ecommerce", "--date", "2025-04-01")

    after = _versions(stack)
    assert after["gold.daily_sales"] > before["gold.daily_sales"]
    assert after["silver.orders"] == before["silver.orders"]
    assert_equal_to_oracle(stack, deliveries[:1])


def test_a_broken_file_closes_the_gate_and_gold_stays(stack: Stack, broken: list[Path]) -> None:
    before = _versions(stack)
    with watching(stack) as seen:
        done = stack.run("run", "ecommerce", "--data-dir", broken[0].parent)

    assert done.returncode == 1
    assert seen.problems == []
    assert seen.looks > 3
    assert {table: len(contents) for table, contents in seen.contents.items()} == dict.fromkeys(
        seen.contents, 1
    ), "a reader saw something of a delivery whose gate is closed"
    told = " ".join(done.stdout.split())
    assert "bronze_to_silver.gate_orders" in told
    assert "suite ecommerce.silver.orders" in told
    assert "user_id must be present" in told
    assert "observed 10 of" in told
    assert "orders_broken.csv" in told
    after = _versions(stack)
    unchanged = [name for name in before if not name.startswith("bronze.")]
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}


def test_the_corrected_delivery_opens_the_gate(
    stack: Stack, broken: list[Path], deliveries: list[list[Path]]
) -> None:
    """On the way, the run that publishes is killed in the middle, once for each layer; Airflow tries it again."""
    faults = FaultClient(stack.endpoint)
    kill = {"service": "s3", "operation": "PutObject", "fault": "kill_run", "job_name": "lakehouse-publish"}
    faults.replace([{**kill, "resource": f"*/{layer}/*", "nth": 2, "moment": "after"} for layer in LAYERS])
    with watching(stack) as seen:
        stack.must("run", "ecommerce", "--data-dir", deliveries[1][0].parent)
    killed = [firing["resource"].split("/")[1] for firing in faults.firings()]
    faults.clear()

    assert killed == LAYERS
    assert_equal_to_oracle(stack, [deliveries[0], broken, deliveries[1]])
    assert seen.problems == []
    assert {table: len(contents) for table, contents in seen.contents.items()} == dict.fromkeys(
        seen.contents, 2
    ), "a reader sees a table as it was, or as it is, and nothing between"


def test_rejected_rows_can_be_listed(stack: Stack) -> None:
    output = stack.must("rejected", "ecommerce.orders", "--limit", "100")

    assert output.count("required:user_id") == 11  # ten rows, and one line that counts them
    assert "orders_broken.csv" in output


def test_every_answer_of_athena_agrees_with_delta_rs(stack: Stack) -> None:
    for name in GOLD:
        output = stack.must("query", f"SELECT COUNT(*) AS rows FROM ecommerce_gold.{name}", "--format", "csv")
        assert output.split() == ["rows", str(stack.table("gold", name).to_pyarrow_table().num_rows)]
