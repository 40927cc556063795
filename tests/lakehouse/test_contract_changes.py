"""Which changes of a contract break its users."""

from typing import Any

import pytest

from lakehouse.contract import Contract
from lakehouse.contract_changes import snapshot, unversioned
from tests.lakehouse.contract_files import document

ID = {"name": "order_id", "required": True, "primaryKey": True, "primaryKeyPosition": 1}
USER = {"name": "user_id"}
NOTE = {"name": "note", "logicalType": "string", "physicalType": "string"}


def contract(*columns: dict[str, Any], **keys: Any) -> Contract:
    return Contract.model_validate(document("orders", *columns) | keys)


BEFORE = contract(ID, USER, NOTE)


def changes(*columns: dict[str, Any], **keys: Any) -> list[str]:
    return unversioned(snapshot([BEFORE]), snapshot([contract(*columns, **keys)]))


BREAKING = {
    "removed": ((ID, USER), "column 'note' is gone"),
    "retyped": ((ID, {**USER, "physicalType": "int"}, NOTE), "column 'user_id' is int and was bigint"),
    "made_required": ((ID, {**USER, "required": True}, NOTE), "column 'user_id' is required and was not"),
    "added_required": (
        (ID, USER, NOTE, {"name": "shop_id", "required": True}),
        "column 'shop_id' is required and new",
    ),
    "key_widened": (
        (ID, {**USER, "primaryKey": True, "primaryKeyPosition": 2}, NOTE),
        "the key is (order_id, user_id) and was (order_id)",
    ),
    "key_dropped": (
        ({"name": "order_id", "required": True}, USER, NOTE),
        "the key is () and was (order_id)",
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_it_breaks_users_unless_the_major_version_is_new(name: str) -> None:
    columns, change = BREAKING[name]

    assert changes(*columns) == [
        f"shop.silver.orders: {change}; that breaks who uses it: take it back, or give shop.silver.orders"
        " version 2.0.0"
    ]
    assert changes(*columns, version="1.1.0") == changes(*columns)
    assert changes(*columns, version="2.0.0") == []


@pytest.mark.parametrize(
    "columns",
    [
        (ID, USER, NOTE, {"name": "shop_id"}),
        (NOTE, USER, ID),
        ({**ID, "description": "Order number"}, USER, NOTE),
    ],
    ids=["added", "reordered", "described"],
)
def test_it_breaks_nobody(columns: tuple[dict[str, Any], ...]) -> None:
    assert changes(*columns) == []


def test_a_column_may_become_optional() -> None:
    required = contract(ID, {**USER, "required": True})

    assert unversioned(snapshot([required]), snapshot([contract(ID, USER)])) == []


def test_every_change_is_told() -> None:
    assert len(changes({**ID, "physicalType": "string"}, {**USER, "required": True})) == 3


def test_a_contract_goes_only_after_it_is_retired() -> None:
    assert unversioned(snapshot([BEFORE]), {}) == [
        "shop.silver.orders is gone: keep it with `status: retired` first"
    ]
    assert unversioned(snapshot([contract(ID, status="retired")]), {}) == []


def test_a_new_contract_breaks_nobody() -> None:
    assert unversioned({}, snapshot([BEFORE])) == []
