"""Contracts of a test's own: written as files, or made in memory."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakehouse import contract as contracts

type Declare = Callable[..., None]

COLUMN = {"name": "order_id", "logicalType": "integer", "physicalType": "bigint", "description": "Order"}


def document(name: str = "orders", *columns: dict[str, Any], layer: str = "silver", **custom: Any) -> Any:
    """A whole contract of domain `shop` as YAML holds it; `custom` are its customProperties."""
    return deepcopy(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": f"shop.{layer}.{name}",
            "name": name,
            "version": "1.0.0",
            "status": "active",
            "domain": "shop",
            "dataProduct": "shop",
            "description": {"purpose": "A test's own."},
            "schema": [
                {
                    "name": name,
                    "description": "A test's own.",
                    "dataGranularityDescription": "One row per row.",
                    "properties": [{**COLUMN, **column} for column in columns or ({},)],
                }
            ],
            "customProperties": [{"property": key, "value": value} for key, value in custom.items()],
        }
    )


def contract_of(name: str, *columns: dict[str, Any], **custom: Any) -> contracts.Contract:
    """A contract in memory."""
    return contracts.Contract.model_validate(document(name, *columns, **custom))


def declare_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Make the engine read contracts from `folder`; the result writes them there."""
    monkeypatch.setattr(contracts, "files", lambda _: folder)

    def declare(*documents: Any, layer: str = "silver", domain: str = "shop") -> None:
        place = folder / "contracts" / domain / layer
        place.mkdir(parents=True, exist_ok=True)
        for content in documents:
            (place / f"{content['name']}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        contracts.tables.cache_clear()

    return declare
