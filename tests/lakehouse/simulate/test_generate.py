import csv
from collections import Counter
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from lakehouse.simulate.ecommerce import COLUMNS, DATASETS, EcommerceData, generate, write
from lakehouse.simulate.ecommerce_faults import Faults


def small(seed: int = 7, **shares: float) -> EcommerceData:
    return generate(seed, days=4, orders_per_day=50, products=60, faults=Faults(**shares))


@pytest.fixture(scope="module")
def clean() -> EcommerceData:
    return small()


def test_the_same_seed_gives_the_same_data() -> None:
    everything = {field.name: 0.1 for field in fields(Faults)}

    assert small(3, **everything) == small(3, **everything)
    assert small(3, **everything) != small(4, **everything)


@pytest.mark.parametrize("dataset", DATASETS)
def test_rows_have_the_columns_of_the_contract(clean: EcommerceData, dataset: str) -> None:
    rows = clean.rows(dataset)  # type: ignore[arg-type]
    assert rows
    assert {tuple(row) for row in rows} == {COLUMNS[dataset]}  # type: ignore[index]


def test_clean_data_is_consistent(clean: EcommerceData) -> None:
    orders = {order["order_id"]: order for order in clean.orders}
    products = {product["product_id"]: product for product in clean.products}

    assert (len(orders), len(products), len(clean.orders)) == (200, 60, 200)
    assert {order["date"] for order in clean.orders} == {date(2025, 4, day) for day in (1, 2, 3, 4)}
    assert all(order["order_timestamp"].date() == order["date"] for order in clean.orders)
    assert {line["order_id"] for line in clean.order_items} == set(orders)
    for line in clean.order_items:
        order = orders[line["order_id"]]
        assert line["product_id"] in products
        assert (line["user_id"], line["date"]) == (order["user_id"], order["date"])
    assert len({(line["order_id"], line["product_id"]) for line in clean.order_items}) == len(
        clean.order_items
    )
    assert len({(p["department_id"], p["department"]) for p in clean.products}) == 6


def test_reordered_means_bought_in_an_earlier_order(clean: EcommerceData) -> None:
    bought: set[tuple[int, int]] = set()
    pending: set[tuple[int, int]] = set()
    order_id = None
    for line in clean.order_items:
        if line["order_id"] != order_id:
            bought, pending, order_id = bought | pending, set(), line["order_id"]
        pair = (line["user_id"], line["product_id"])
        assert line["reordered"] == (pair in bought)
        pending.add(pair)
    assert Counter(line["reordered"] for line in clean.order_items)[1] > 0


def test_orders_without_lines() -> None:
    data = small(no_line_share=0.1)
    without = {order["order_id"] for order in data.orders} - {line["order_id"] for line in data.order_items}
    assert len(without) == 20


def test_duplicate_lines_repeat_a_product_of_their_order(clean: EcommerceData) -> None:
    data = small(duplicate_line_share=0.02)
    expected = round(len(clean.order_items) * 0.02)

    keys = Counter((line["order_id"], line["product_id"]) for line in data.order_items)

    assert expected > 0
    assert len(data.order_items) - len(keys) == expected
    assert len({line["id"] for line in data.order_items}) == len(data.order_items)


def test_corrected_orders_are_later_and_every_other_one_resends_its_lines() -> None:
    data = small(corrected_order_share=0.1)
    versions: dict[int, list[dict[str, object]]] = {}
    for order in data.orders:
        versions.setdefault(order["order_id"], []).append(order)

    corrected = {order_id: rows for order_id, rows in versions.items() if len(rows) > 1}

    assert len(corrected) == 20
    for first, second in corrected.values():
        assert second["order_timestamp"] > first["order_timestamp"]  # type: ignore[operator]
        assert second["date"] == second["order_timestamp"].date()  # type: ignore[attr-defined]
    resent = Counter((line["order_id"], line["product_id"]) for line in data.order_items)
    assert len({order_id for (order_id, _), count in resent.items() if count > 1}) == 10


def test_late_orders_arrive_with_their_lines_after_their_day() -> None:
    data = small(late_order_share=0.1)
    late = {
        order["order_id"]: index
        for index, delivery in enumerate(data.deliveries)
        for order in delivery.orders
        if order["date"] < delivery.day
    }
    assert len(late) == 15
    for index, delivery in enumerate(data.deliveries):
        assert all(
            late[line["order_id"]] == index for line in delivery.order_items if line["order_id"] in late
        )


def test_late_lines_arrive_after_their_order() -> None:
    data = small(late_line_share=0.1)
    punctual = sum(len(d.order_items) for d in small().deliveries[:-1])
    late = [line for d in data.deliveries for line in d.order_items if line["date"] < d.day]
    assert len(late) == round(punctual * 0.1)
    assert all(order["date"] == d.day for d in data.deliveries for order in d.orders)


def test_repeated_rows_are_equal_in_every_column(clean: EcommerceData) -> None:
    data = small(repeated_row_share=0.1)
    for dataset in DATASETS:
        rows = Counter(tuple(row.values()) for row in data.rows(dataset))
        assert set(rows) == {tuple(row.values()) for row in clean.rows(dataset)}
        assert rows.total() - len(rows) == round(len(rows) * 0.1)


def test_departments_that_do_not_correspond() -> None:
    number_of = {row["department"]: row["department_id"] for row in small().products}
    data = small(mismatched_department_share=0.5)
    assert sum(row["department_id"] != number_of[row["department"]] for row in data.products) == 30


def test_changed_products_come_with_a_later_delivery() -> None:
    data = small(changed_product_share=0.1)
    later = [row for delivery in data.deliveries[1:] for row in delivery.products]
    assert len(later) == 6
    assert all(row["product_name"].endswith("_New") for row in later)


def test_invalid_rows() -> None:
    data = small(missing_user_share=0.1, unparsable_amount_share=0.1, orphan_line_share=0.01)
    assert sum(order["user_id"] is None for order in data.orders) == 20
    assert sum(order["total_amount"] == "n/a" for order in data.orders) == 20
    assert sum(line["product_id"] == 61 for line in data.order_items) == round(len(data.order_items) * 0.01)


@pytest.mark.parametrize(
    ("option", "value"), [("days", 0), ("products", 9), ("orders_per_day", -1), ("customers", 0)]
)
def test_an_option_outside_its_range_is_named(option: str, value: int) -> None:
    with pytest.raises(
        ValueError, match=f"{option} is {value}: it must be at least|{option} is {value}: it must be 0"
    ):
        generate(1, **{option: value})  # type: ignore[arg-type]


def test_a_share_outside_0_to_1_is_named() -> None:
    with pytest.raises(ValueError, match=r"late_order_share is 1.5: it must be from 0 to 1"):
        Faults(late_order_share=1.5)


def test_a_csv_file_per_dataset_and_day(tmp_path: Path, clean: EcommerceData) -> None:
    paths = write(clean, tmp_path)

    assert [path.name for path in paths[:4]] == [
        "products_2025-04-01.csv",
        "orders_2025-04-01.csv",
        "order_items_2025-04-01.csv",
        "orders_2025-04-02.csv",
    ]
    assert len(paths) == 9
    with paths[1].open(newline="") as file:
        rows = list(csv.DictReader(file))
    first = clean.deliveries[0].orders[0]
    assert len(rows) == 50
    assert rows[0] == {
        "order_num": str(first["order_num"]),
        "order_id": "10000",
        "user_id": str(first["user_id"]),
        "order_timestamp": first["order_timestamp"].strftime("%Y-%m-%dT%H:%M:%S"),
        "total_amount": str(first["total_amount"]),
        "date": "2025-04-01",
    }


def test_one_workbook_with_a_sheet_per_day(tmp_path: Path, clean: EcommerceData) -> None:
    (path,) = write(clean, tmp_path, layout="single", file_format="xlsx", datasets=["orders"])

    workbook = load_workbook(path, read_only=True)

    assert path.name == "orders.xlsx"
    assert workbook.sheetnames == [str(date(2025, 4, 1) + timedelta(days=offset)) for offset in range(4)]
    header, first, *rest = workbook["2025-04-02"].values
    order = clean.deliveries[1].orders[0]
    assert header == COLUMNS["orders"]
    assert first[:3] == (order["order_num"], order["order_id"], order["user_id"])
    assert first[3] == order["order_timestamp"].strftime("%Y-%m-%dT%H:%M:%S")
    assert Decimal(str(first[4])) == order["total_amount"]
    assert first[5] == "2025-04-02"
    assert len(rest) == 49


def test_a_missing_value_is_an_empty_field(tmp_path: Path) -> None:
    data = small(missing_user_share=1.0)

    (path,) = write(data, tmp_path, layout="single", datasets=["orders"])

    with path.open(newline="") as file:
        assert {row["user_id"] for row in csv.DictReader(file)} == {""}
