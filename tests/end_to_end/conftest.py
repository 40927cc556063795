"""One stack for the whole folder: starting it takes half a minute."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.simulate.ecommerce import EcommerceData, generate, write
from lakehouse.simulate.ecommerce_faults import Faults
from tests.end_to_end.stack import Stack

_AIRFLOW = {
    # What a dead worker or scheduler held is taken up again within half a minute instead of five.
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    # Longer steps are waited for by the triggerer.
    "AIRFLOW__LAKEHOUSE__GLUE_SYNC_SECONDS": "3",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lakehouse that is up."""
    with Stack.running(tmp_path_factory.mktemp("stack") / "state", **_AIRFLOW) as made:
        yield made


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Deliveries of two, two and one days, workbooks and then text, with what really happens in between."""
    faults = Faults(
        duplicate_line_share=0.03,
        no_line_share=0.05,
        corrected_order_share=0.1,
        late_line_share=0.1,
        repeated_row_share=0.03,
        changed_product_share=0.1,
    )
    days = generate(20_250_401, days=5, orders_per_day=40, products=60, faults=faults).deliveries
    first, second, third = (tmp_path_factory.mktemp(name) for name in ("first", "second", "third"))
    return [
        write(EcommerceData(days[:2]), first, layout="single", file_format="xlsx"),
        write(EcommerceData(days[2:4]), second, layout="single", file_format="csv"),
        write(EcommerceData(days[4:]), third, layout="single", file_format="csv"),
    ]


def without_users(path: Path, orders: Path) -> Path:
    """A copy of a file of orders whose first ten lack their user."""
    with orders.open(newline="") as source, path.open("w", newline="") as target:
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, reader.fieldnames or ())
        writer.writeheader()
        for number, row in enumerate(reader):
            writer.writerow(row | {"user_id": "" if number < 10 else row["user_id"]})
    return path


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory, deliveries: list[list[Path]]) -> list[Path]:
    """The second delivery, ten of its orders without their user."""
    folder = tmp_path_factory.mktemp("broken")
    files = {path.name.partition(".")[0]: path for path in deliveries[1]}
    return [without_users(folder / "orders_broken.csv", files["orders"])]
