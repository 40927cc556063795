"""Readers that look all the time while runs publish: delta-rs and Athena."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from tests.end_to_end.stack import BUCKET, Stack

WATCHED = (("silver", "orders"), ("gold", "daily_sales"), ("gold", "product_performance"))
_PAUSE_SECONDS = 1.0

type Table = tuple[str, str, str]
"""(reader, layer, name)."""


@dataclass
class Seen:
    """Every different content of a table that a reader met, in the order in which it met them."""

    contents: dict[Table, list[list[str]]] = field(default_factory=dict)
    looks: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, table: Table, rows: list[str]) -> None:
        known = self.contents.setdefault(table, [])
        if rows not in known:
            known.append(rows)


@contextmanager
def watching(stack: Stack) -> Iterator[Seen]:
    """Look at the watched tables before, all through, and after what happens inside."""
    seen, over = Seen(), Event()

    def watch() -> None:
        while not over.wait(_PAUSE_SECONDS):
            try:
                _look(stack, seen)
            except Exception as error:  # noqa: BLE001 - a reader that fails has met half of something
                seen.problems.append(repr(error))

    _look(stack, seen)
    thread = Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        _look(stack, seen)


def _look(stack: Stack, seen: Seen) -> None:
    for layer, name in WATCHED:
        rows = stack.table(layer, name).to_pyarrow_table().to_pylist()
        seen.add(("delta-rs", layer, name), sorted(map(repr, rows)))
        if layer == "gold":
            seen.add(
                ("athena", layer, name), sorted(map(repr, _ask_athena(stack, f"ecommerce_{layer}.{name}")))
            )
    seen.looks += 1


def _ask_athena(stack: Stack, table: str) -> list[Any]:
    athena = stack.client("athena")
    asked = athena.start_query_execution(
        QueryString=f"SELECT * FROM {table}",
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/athena_queries/"},
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]
        if status["State"] == "FAILED":
            raise RuntimeError(status["StateChangeReason"])
        if status["State"] == "SUCCEEDED":
            pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=asked)
            return [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
        time.sleep(0.2)
