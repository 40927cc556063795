"""Which changes of contracts break those who deliver or read a table, and so need a new major version."""

from collections.abc import Iterable
from typing import Any

from lakehouse.contract import Contract

type Snapshot = dict[str, dict[str, Any]]
"""By address: `version`, `status`, and `columns`, by name `type`, `required` and `key` (position in it, or 0)."""


def snapshot(contracts: Iterable[Contract]) -> Snapshot:
    """What deliverers and readers of these tables rely on."""
    return {
        str(contract.address): {
            "version": contract.version,
            "status": contract.status,
            "columns": {
                column.name: {
                    "type": column.physicalType,
                    "required": column.required,
                    "key": max(column.primaryKeyPosition, 0) if column.primaryKey else 0,
                }
                for column in contract.columns
            },
        }
        for contract in sorted(contracts, key=lambda contract: str(contract.address))
    }


def unversioned(before: Snapshot, after: Snapshot) -> list[str]:
    """The breaking changes between two snapshots that no new major version tells, one sentence each."""
    return [
        problem for address, old in before.items() for problem in _of_table(address, old, after.get(address))
    ]


def _of_table(address: str, old: dict[str, Any], new: dict[str, Any] | None) -> list[str]:
    if new is None:
        kept = (
            "" if old["status"] == "retired" else f"{address} is gone: keep it with `status: retired` first"
        )
        return [kept] if kept else []
    if _major(new["version"]) > _major(old["version"]):
        return []
    remedy = (
        f"that breaks who uses it: take it back, or give {address} version {_major(old['version']) + 1}.0.0"
    )
    return [f"{address}: {change}; {remedy}" for change in _breaking(old["columns"], new["columns"])]


def _breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    changes = [f"column {name!r} is gone" for name in old if name not in new]
    changes += [
        f"column {name!r} is {column['type']} and was {old[name]['type']}"
        for name, column in new.items()
        if name in old and column["type"] != old[name]["type"]
    ]
    changes += [
        f"column {name!r} is required" + (" and was not" if name in old else " and new")
        for name, column in new.items()
        if column["required"] and not old.get(name, {}).get("required")
    ]
    if (key := _key(new)) != (was := _key(old)):
        changes.append(f"the key is ({', '.join(key)}) and was ({', '.join(was)})")
    return changes


def _key(columns: dict[str, Any]) -> list[str]:
    keys = [name for name, column in columns.items() if column["key"]]
    return sorted(keys, key=lambda name: int(columns[name]["key"]))


def _major(version: str) -> int:
    return int(version.partition(".")[0])
