"""Every contract in lakehouse/contracts, one by one, and what the requirements say of the shop's tables."""

from datetime import timedelta
from pathlib import Path

import pytest

import lakehouse
from lakehouse.address import Address
from lakehouse.contract import Contract, load, tables
from lakehouse.lifetime import recovery_window

ROOT = Path(lakehouse.__file__).parent / "contracts"
EVERY = [Address(*file.relative_to(ROOT).with_suffix("").parts) for file in sorted(ROOT.rglob("*.yaml"))]
BELOW = {"bronze": set(), "silver": {"bronze"}, "gold": {"silver", "gold"}}

TRANSFORMS = Path(lakehouse.__file__).parent / "transforms"


def is_made_by_name(address: Address) -> bool:
    """Whether a table of silver has the columns of its table of bronze: neither a transform nor a view makes it."""
    has_transform = (TRANSFORMS / address.domain / address.layer / f"{address.table}.py").exists()
    return not has_transform and load(address).rules.viewDefinition is None


every_contract = pytest.mark.parametrize("address", EVERY, ids=str)


@every_contract
def test_it_loads_under_the_address_of_its_file(address: Address) -> None:
    contract = load(address)

    assert contract.address == address
    assert (contract.domain, contract.name, contract.schema_[0].name) == (
        address.domain,
        address.table,
        address.table,
    )


@every_contract
def test_its_columns_are_told_apart(address: Address) -> None:
    names = load(address).column_names

    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith("_")], "a leading _ belongs to the engine"


@every_contract
def test_its_key_is_stated_and_required(address: Address) -> None:
    contract = load(address)
    keys = [column for column in contract.columns if column.primaryKey]

    assert bool(keys) == (address.layer != "bronze")
    assert all(key.required for key in keys)
    assert sorted(key.primaryKeyPosition for key in keys) == list(range(1, len(keys) + 1))


@every_contract
def test_its_partitions_are_never_null_where_rows_are_merged(address: Address) -> None:
    """Gold replaces partitions, that of null as well."""
    partitions = [column for column in load(address).columns if column.partitioned]
    assert address.layer == "gold" or all(column.required for column in partitions)


@every_contract
def test_its_versions_outlive_every_run(address: Address) -> None:
    assert recovery_window(load(address)) > timedelta(hours=24)


@every_contract
def test_its_inputs_exist_one_layer_below(address: Address) -> None:
    contract = load(address)

    assert bool(contract.inputs) == (address.layer != "bronze")
    for source in contract.inputs:
        assert load(source).domain == address.domain
        assert source.layer in BELOW[contract.made_in]


@every_contract
def test_its_parents_are_keyed_by_what_it_refers_to(address: Address) -> None:
    contract = load(address)
    kinds = {column.name: column.physicalType for column in contract.columns}
    for name, reference in contract.references.items():
        parent = load(reference.address)

        assert parent.primary_key == [reference.column]
        assert parent.key_ddl == f"`{reference.column}` {kinds[name]}"


@every_contract
def test_a_parent_comes_first(address: Address) -> None:
    order = [c.address for c in tables(address.domain, address.layer)]
    for reference in load(address).references.values():
        assert order.index(reference.address) < order.index(address)


@pytest.mark.parametrize("address", [a for a in EVERY if a.layer == "bronze"], ids=str)
def test_bronze_is_text_that_may_be_missing(address: Address) -> None:
    assert {(c.physicalType, c.required) for c in load(address).columns} == {("string", False)}


@pytest.mark.parametrize("address", [a for a in EVERY if a.layer == "silver" and is_made_by_name(a)], ids=str)
def test_silver_types_the_columns_of_bronze(address: Address) -> None:
    assert load(address).column_names == load(address.at("bronze")).column_names


SHOP = {
    "silver.products": "product_id department_id department product_name",
    "silver.orders": "order_num order_id user_id order_timestamp total_amount date",
    "silver.order_items": "id order_id user_id days_since_prior_order product_id add_to_cart_order reordered"
    " order_timestamp date",
    "gold.daily_sales": "date order_count customer_count item_count product_count total_sales avg_order_value"
    " avg_items_per_order reorder_rate",
    "gold.product_performance": "product_id product_name department_id department order_count item_count"
    " customer_count allocated_sales reorder_rate avg_cart_position first_sold last_sold",
    "gold.department_analytics": "department date product_count order_count customer_count item_count"
    " allocated_sales share_of_sales",
    "gold.customer_insights": "user_id order_count total_spend avg_order_value first_order last_order"
    " favourite_department favourite_product_id favourite_product_name rfm_segment",
}
KEYS_AND_PARTITIONS = {
    "silver.products": (["product_id"], ["department_id"]),
    "silver.orders": (["order_id"], ["date"]),
    "silver.order_items": (["order_id", "product_id"], ["date"]),
    "gold.daily_sales": (["date"], ["date"]),
    "gold.product_performance": (["product_id"], []),
    "gold.department_analytics": (["department", "date"], ["date"]),
    "gold.customer_insights": (["user_id"], []),
}


def shop(name: str) -> Contract:
    return load(Address.parse(f"ecommerce.{name}"))


@pytest.mark.parametrize("name", SHOP)
def test_the_shops_columns(name: str) -> None:
    assert shop(name).column_names == SHOP[name].split()


@pytest.mark.parametrize("name", KEYS_AND_PARTITIONS)
def test_the_shops_keys_and_partitions(name: str) -> None:
    assert (shop(name).primary_key, shop(name).partition_by) == KEYS_AND_PARTITIONS[name]


def test_the_shops_money_is_decimal() -> None:
    money = {
        "silver.orders": ["total_amount"],
        "gold.daily_sales": ["total_sales", "avg_order_value"],
        "gold.product_performance": ["allocated_sales"],
        "gold.department_analytics": ["allocated_sales"],
        "gold.customer_insights": ["total_spend", "avg_order_value"],
    }
    for name, columns in money.items():
        kinds = {column.name: column.physicalType for column in shop(name).columns}
        assert {kinds[column] for column in columns} == {"decimal(18,2)"}, name


def test_the_shops_line_is_of_the_newest_version_then_first_in_the_cart() -> None:
    rules = shop("silver.order_items").rules

    assert rules.recordVersion == ("order_timestamp",)
    assert (rules.tieBreaks[0].column, rules.tieBreaks[0].wins) == ("add_to_cart_order", "lowest")
    assert rules.zOrderBy == ("product_id",)


@every_contract
def test_it_keeps_old_versions_for_30_days(address: Address) -> None:
    assert load(address).retention_days == 30
