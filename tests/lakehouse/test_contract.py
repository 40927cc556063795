"""What a contract may say, on contracts of the tests' own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lakehouse import contract
from lakehouse.address import Address
from lakehouse.contract import ContractError, load, made_in, tables
from tests.lakehouse.contract_files import Declare, contract_of, declare_in, document


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    contract.tables.cache_clear()
    yield declare_in(tmp_path, monkeypatch)
    contract.tables.cache_clear()


def column(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, **keys}


def reference(name: str, to: str) -> dict[str, Any]:
    return column(name, relationships=[{"to": to}])


def with_key(content: Any, *path: str | int) -> Any:
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "red"
    return content


@pytest.mark.parametrize(
    "path",
    [
        ("colour",),
        ("description", "colour"),
        ("schema", 0, "colour"),
        ("schema", 0, "properties", 0, "colour"),
        ("schema", 0, "properties", 0, "relationships", 0, "colour"),
        ("customProperties", 0, "colour"),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_an_unknown_key_names_file_and_key(declare: Declare, path: tuple[str | int, ...]) -> None:
    content = document("orders", reference("order_id", "shop.silver.customers.id"), delivery="increment")
    declare(with_key(content, *path))

    with pytest.raises(ContractError) as caught:
        tables("shop", "silver")

    assert "shop/silver/orders.yaml" in str(caught.value)
    assert ".".join(map(str, path)) in str(caught.value)
    assert "Extra inputs are not permitted" in str(caught.value)


@pytest.mark.parametrize(
    ("custom", "complaint"),
    [
        ({"deliveries": "increment"}, "deliveries"),
        ({"delivery": "sometimes"}, "full_snapshot"),
        ({"rejectedShareLimit": 1.5}, "rejectedShareLimit"),
        ({"tieBreaks": [{"column": "order_id", "wins": "first"}]}, "wins"),
        ({"tieBreaks": [{"column": "price", "wins": "lowest"}]}, "columns that the schema lacks: price"),
        ({"zOrderBy": ["price"]}, "columns that the schema lacks: price"),
        ({"recordVersion": ["order_id", "changed_at"]}, "columns that the schema lacks: changed_at"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_rule_that_makes_no_sense_is_named(
    declare: Declare, custom: dict[str, Any], complaint: str
) -> None:
    declare(document("orders", **custom))

    with pytest.raises(ContractError, match=r"orders\.yaml") as caught:
        tables("shop", "silver")

    assert complaint in str(caught.value)


def test_a_missing_key_is_named(declare: Declare) -> None:
    content = document("orders")
    del content["schema"][0]["dataGranularityDescription"]
    declare(content)

    with pytest.raises(ContractError, match=r"(?s)orders\.yaml.*dataGranularityDescription.*Field required"):
        tables("shop", "silver")


def test_a_file_that_is_no_yaml_is_named(declare: Declare, tmp_path: Path) -> None:
    declare(document("orders"))
    (tmp_path / "contracts/shop/silver/broken.yaml").write_text("id: [shop", encoding="utf-8")

    with pytest.raises(ContractError, match=r"broken\.yaml"):
        tables("shop", "silver")


def test_a_table_comes_after_those_it_refers_to(declare: Declare) -> None:
    declare(
        document("a_lines", reference("order_id", "shop.silver.b_orders.order_id")),
        document("b_orders", reference("order_id", "shop.silver.c_customers.order_id")),
        document("c_customers"),
    )

    assert [c.name for c in tables("shop", "silver")] == ["c_customers", "b_orders", "a_lines"]


def test_a_table_may_refer_to_itself_and_to_another_layer(declare: Declare) -> None:
    declare(
        document(
            "staff",
            reference("manager_id", "shop.silver.staff.order_id"),
            reference("order_id", "shop.gold.sales.order_id"),
        )
    )

    assert [c.name for c in tables("shop", "silver")] == ["staff"]


def test_circular_references_name_the_tables(declare: Declare) -> None:
    declare(
        document("alone"),
        document("hens", reference("order_id", "shop.silver.eggs.order_id")),
        document("eggs", reference("order_id", "shop.silver.hens.order_id")),
    )

    with pytest.raises(ContractError, match=r"in a circle: shop\.silver\.eggs, shop\.silver\.hens$"):
        tables("shop", "silver")


def test_an_unknown_table_lists_the_known(declare: Declare) -> None:
    declare(document("orders"), document("products"))

    with pytest.raises(
        ContractError, match=r"shop\.silver\.sales; .*shop\.silver\.orders, shop\.silver\.products"
    ):
        load(Address("shop", "silver", "sales"))


def test_an_unknown_layer_names_the_folder(declare: Declare) -> None:
    declare(document("orders"))

    with pytest.raises(ContractError, match="no folder contracts/shop/gold"):
        tables("shop", "gold")


def test_the_key_is_in_the_order_of_its_positions() -> None:
    made = contract_of(
        "lines",
        column("product_id", primaryKey=True, primaryKeyPosition=2),
        column("order_id", primaryKey=True, primaryKeyPosition=1, physicalType="string"),
        column("date", physicalType="date", partitioned=True),
    )

    assert made.primary_key == ["order_id", "product_id"]
    assert made.key_ddl == "`order_id` string, `product_id` bigint"
    assert made.ddl == "`product_id` bigint, `order_id` string, `date` date"
    assert made.partition_by == ["date"]


def test_what_a_contract_leaves_out() -> None:
    rules = contract_of("orders").rules

    assert (rules.delivery, rules.recordVersion, rules.tieBreaks) == ("increment", ("_delivered_at",), ())
    assert contract_of("orders").retention_days == 30


def test_a_contract_may_ask_before_it_publishes_with_warnings() -> None:
    silent = contract_of("orders").rules
    assert (silent.onWarning, silent.onWarningTimeoutMinutes, silent.onWarningDefault) == (
        "publish",
        1440,
        "stop",
    )
    assert contract_of("orders", onWarning="ask", onWarningTimeoutMinutes=5).rules.onWarning == "ask"


@pytest.mark.parametrize(
    "rule", [{"onWarning": "wait"}, {"onWarningTimeoutMinutes": 0}, {"onWarningDefault": "ask"}]
)
def test_an_unknown_way_to_decide_is_an_error(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(rule))):
        contract_of("orders", **rule)


def test_retention_is_the_slas() -> None:
    content = document("orders")
    content["slaProperties"] = [{"property": "latency", "value": 4}, {"property": "retention", "value": 7}]

    assert contract.Contract.model_validate(content).retention_days == 7


def test_rules_may_use_lineage_columns() -> None:
    made = contract_of("orders", tieBreaks=[{"column": "_delivered_at", "wins": "highest"}])

    assert made.rules.tieBreaks[0].column == "_delivered_at"


def test_silver_that_is_made_of_silver_is_made_with_gold(declare: Declare) -> None:
    declare(
        document("orders", inputs=["shop.bronze.orders"]),
        document("baskets", inputs=["shop.silver.orders"]),
    )
    declare(document("sales", layer="gold", inputs=["shop.silver.orders"]), layer="gold")

    assert [c.name for c in made_in("shop", "silver")] == ["orders"]
    assert [str(c.address) for c in made_in("shop", "gold")] == ["shop.silver.baskets", "shop.gold.sales"]


def test_files_land_in_one_folder_by_the_name_of_the_table_or_in_several_by_theirs() -> None:
    assert contract_of("orders").landings == {"orders": "raw/orders"}
    assert contract_of("orders", landing=["raw/ready/shop"]).landings == {"orders": "raw/ready/shop"}
    assert contract_of("orders", landing=["raw/till", "raw/web/shop"]).landings == {
        "till": "raw/till",
        "shop": "raw/web/shop",
    }


@pytest.mark.parametrize("folder", ["orders", "raw", "raw/", "raw/../orders", "raw/Orders", "/raw/orders"])
def test_files_land_nowhere_but_below_raw(folder: str) -> None:
    with pytest.raises(ValidationError, match="landing"):
        contract_of("orders", landing=[folder])
