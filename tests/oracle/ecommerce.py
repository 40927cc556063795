"""The shop's tables calculated a second time, from the text of the issue alone: plain Python, no engine.

    result = calculate([Delivery([("products", rows), ("orders", rows), ("order_items", rows)]), ...])
    result.silver["orders"], result.rejected["order_items"], result.gold["daily_sales"]

Silver is a function of the set of delivered rows and of when each was delivered.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.oracle import ecommerce_gold
from tests.oracle.files import read_rows
from tests.oracle.values import BLANKS, to_amount, to_date, to_int32, to_int64, to_text, to_timestamp

Row = dict[str, Any]
Parser = Callable[[object], Any]

REQUIRED, OPTIONAL = True, False
COLUMNS: dict[str, list[tuple[str, Parser, bool]]] = {
    "products": [
        ("product_id", to_int64, REQUIRED),
        ("department_id", to_int64, REQUIRED),
        ("department", to_text, REQUIRED),
        ("product_name", to_text, REQUIRED),
    ],
    "orders": [
        ("order_num", to_int64, OPTIONAL),
        ("order_id", to_int64, REQUIRED),
        ("user_id", to_int64, REQUIRED),
        ("order_timestamp", to_timestamp, REQUIRED),
        ("total_amount", to_amount, REQUIRED),
        ("date", to_date, REQUIRED),
    ],
    "order_items": [
        ("id", to_int64, REQUIRED),
        ("order_id", to_int64, REQUIRED),
        ("user_id", to_int64, REQUIRED),
        ("days_since_prior_order", to_int32, OPTIONAL),
        ("product_id", to_int64, REQUIRED),
        ("add_to_cart_order", to_int32, REQUIRED),
        ("reordered", to_int32, OPTIONAL),
        ("order_timestamp", to_timestamp, REQUIRED),
        ("date", to_date, REQUIRED),
    ],
}
KEYS = {"products": ("product_id",), "orders": ("order_id",), "order_items": ("order_id", "product_id")}
PARENTS = {"order_items": [("order_id", "orders"), ("product_id", "products")]}


@dataclass(frozen=True)
class Delivery:
    """What arrives at one time: (dataset, rows) pairs; every row maps columns to text, numbers or None."""

    files: Sequence[tuple[str, Sequence[Mapping[str, object]]]]


@dataclass(frozen=True)
class Rejected:
    """A row that is not published, and why."""

    row: Row
    category: str
    rule: str


@dataclass(frozen=True)
class Result:
    """Tables as lists of rows in the order of their keys; counts by table and status."""

    silver: dict[str, list[Row]]
    rejected: dict[str, list[Rejected]]
    counts: dict[str, Counter[str]]
    gold: dict[str, list[Row]]


@dataclass(frozen=True)
class _Candidate:
    row: Row
    delivered: int

    def version(self, dataset: str) -> tuple[Any, ...]:
        """Greater is newer."""
        if dataset == "products":
            return (self.delivered,)
        if dataset == "orders":
            return (self.row["order_timestamp"], self.delivered)
        return (self.row["order_timestamp"],)

    def preference(self, dataset: str) -> tuple[Any, ...]:
        """Among rows of one version the greatest wins; a missing value loses."""
        if dataset == "products":
            return tuple(self.row[column] for column in ("department_id", "department", "product_name"))
        if dataset == "orders":
            number = self.row["order_num"]
            rest = (self.row[column] for column in ("total_amount", "user_id", "date"))
            return (number is not None, number, *rest)
        return (-self.row["add_to_cart_order"], -self.row["id"], self.delivered)


def calculate(deliveries: Sequence[Delivery]) -> Result:
    """Every table after the deliveries, given in the order of their arrival."""
    silver: dict[str, list[Row]] = {}
    rejected: dict[str, list[Rejected]] = {}
    counts: dict[str, Counter[str]] = {}
    for dataset in ("products", "orders", "order_items"):
        candidates, refused = _judge(dataset, deliveries, silver)
        published, statuses = _resolve(dataset, candidates, refused)
        silver[dataset] = sorted(published, key=lambda row: tuple(row[key] for key in KEYS[dataset]))
        rejected[dataset] = refused
        counts[dataset] = Counter(statuses) + Counter(published=len(published), rejected=len(refused))
    return Result(silver, rejected, counts, ecommerce_gold.tables(silver))


def deliveries_of(paths: Iterable[Sequence[Path]]) -> list[Delivery]:
    """One delivery per group of files, whose names start with their dataset."""
    return [Delivery([(_dataset(path), read_rows(path)) for path in group]) for group in paths]


def _dataset(path: Path) -> str:
    return next(name for name in ("order_items", "orders", "products") if path.name.startswith(name))


def _judge(
    dataset: str, deliveries: Sequence[Delivery], silver: Mapping[str, Sequence[Row]]
) -> tuple[list[_Candidate], list[Rejected]]:
    parents = {
        column: {parent[column] for parent in silver[table]} for column, table in PARENTS.get(dataset, [])
    }
    candidates = []
    refused = []
    for delivered, delivery in enumerate(deliveries):
        for raw in (raw for name, rows in delivery.files if name == dataset for raw in rows):
            row, rules = _parse(dataset, raw)
            rules += [
                ("referential", f"reference:{column}")
                for column, keys in parents.items()
                if row[column] is not None and row[column] not in keys
            ]
            if rules:
                refused.append(Rejected(row, *rules[0]))
            else:
                candidates.append(_Candidate(row, delivered))
    return candidates, refused


def _parse(dataset: str, raw: Mapping[str, object]) -> tuple[Row, list[tuple[str, str]]]:
    row: Row = {}
    rules = []
    for column, parse, required in COLUMNS[dataset]:
        value = raw.get(column)
        blank = value is None or str(value).strip(BLANKS) == ""
        row[column] = None if blank else parse(value)
        if blank and required:
            rules.append(("quality", f"required:{column}"))
        elif not blank and row[column] is None:
            rules.append(("schema", f"type:{column}"))
    return row, rules


def _resolve(
    dataset: str, candidates: Sequence[_Candidate], refused: list[Rejected]
) -> tuple[list[Row], list[str]]:
    by_key: defaultdict[tuple[Any, ...], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_key[tuple(candidate.row[key] for key in KEYS[dataset])].append(candidate)
    published = []
    statuses = []
    for rivals in by_key.values():
        ranked = sorted(rivals, key=lambda c: (c.version(dataset), c.preference(dataset)), reverse=True)
        winner = ranked[0]
        published.append(winner.row)
        seen = [winner.row]
        for loser in ranked[1:]:
            if loser.row in seen:
                statuses.append("deduplicated")
                continue
            seen.append(loser.row)
            if loser.version(dataset) < winner.version(dataset):
                statuses.append("superseded")
            else:
                refused.append(Rejected(loser.row, "quality", "duplicate_key"))
    return published, statuses
