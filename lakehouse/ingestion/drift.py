"""Schema drift: what a file's header adds to the contract's columns, or lacks, and whether the file is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lakehouse.contract import Contract, tables
from lakehouse.contract_rules import SchemaPolicy


@dataclass(frozen=True)
class HeaderRules:
    """What a header is judged by; `required` are the columns without which no row can be published."""

    columns: tuple[str, ...]
    required: frozenset[str] = frozenset()
    policy: SchemaPolicy = "permissive"


def header_rules(contract: Contract, environment: str) -> HeaderRules:
    """The rules of a bronze table in an environment; what silver requires of it is required."""
    consumers = tables(contract.domain, "silver") if contract.rules.schemaPolicy != "permissive" else ()
    required = {
        column.name
        for consumer in consumers
        if contract.address in consumer.inputs
        for column in consumer.columns
        if column.required
    }
    return HeaderRules(
        columns=tuple(contract.column_names),
        required=frozenset(required.intersection(contract.column_names)),
        policy=_policy(contract.rules.schemaPolicy, environment),
    )


@dataclass(frozen=True)
class Drift:
    """How a header differs; `refusal` says why the file is not accepted, and is empty where it is."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reordered: bool = False
    refusal: str = ""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.reordered)

    def as_document(self) -> dict[str, Any]:
        """For a file's report: names of columns, never values."""
        return {"added": list(self.added), "removed": list(self.removed), "reordered": self.reordered}


def drift(header: Sequence[str], rules: HeaderRules) -> Drift:
    """Compare a header, as the readers give it (lower case, no name twice), with the rules."""
    added = tuple(name for name in header if name not in rules.columns)
    removed = tuple(name for name in rules.columns if name not in header)
    kept = [name for name in header if name in rules.columns]
    if not kept:
        # Row 1 is then likely a row of data, and its values must not be told.
        added = tuple(f"column {position}" for position in range(1, len(header) + 1))
    return Drift(
        added=added,
        removed=removed,
        reordered=kept != [name for name in rules.columns if name in header],
        refusal=_refusal(added if kept else (), removed, rules),
    )


def _refusal(added: tuple[str, ...], removed: tuple[str, ...], rules: HeaderRules) -> str:
    strict = rules.policy == "strict"
    missing = removed if strict else tuple(name for name in removed if name in rules.required)
    unknown = added if strict else ()
    if rules.policy == "permissive" or not (missing or unknown):
        return ""
    if len(removed) == len(rules.columns):
        return "row 1 names no column of the contract: is the header missing?"
    faults = [f"{what} {_listed(names)}" for what, names in (("lacks", missing), ("adds", unknown)) if names]
    renamed = _renamed(missing, added)
    hint = f" ({renamed})" if renamed else ""
    return (
        f"row 1 {' and '.join(faults)}{hint}, which the policy {rules.policy!r} refuses: rename the columns as in the"
        " contract, or change the contract"
    )


def _renamed(missing: Sequence[str], added: Sequence[str]) -> str:
    likely = {name: get_close_matches(name, added, n=1, cutoff=0.5) for name in missing}
    return ", ".join(f"{found[0]!r} may be {name!r}" for name, found in likely.items() if found)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _policy(stated: SchemaPolicy | Mapping[str, SchemaPolicy], environment: str) -> SchemaPolicy:
    if isinstance(stated, str):
        return stated
    return stated.get(environment, stated.get("default", "permissive"))
