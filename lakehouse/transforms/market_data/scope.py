"""Which days of market data a change reaches, and the rows of silver that they are made of."""

from collections.abc import Iterable, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.transforms.market_data.context import Context, context_of
from lakehouse.transforms.market_data.reach import reached_days
from lakehouse.transforms.market_data.received import Received, day_number, iso_date, received
from lakehouse.transforms.market_data.timeline import DAY, Timeline
from lakehouse.transforms.scope import Changes, Inputs, Scope, Scopes


def scopes(contracts: Sequence[Contract], inputs: Inputs, changes: Changes, asked: set[str]) -> Scopes:
    """The days between what came before a change and what comes after it, made of what lies around them."""
    heard = received(
        {address.table: frame for address, frame in inputs.items()},
        {address.table: change for address, change in changes.items()},
    )
    of_days = {day_number(text) for text in asked}
    of_all, of_books = (_scope(inputs, known, of_days) for known in (heard, heard.without_trades()))
    found = {c.address: of_all if _is_of_trades(c) else of_books for c in contracts}
    return {address: scope for address, scope in found.items() if scope}


def _is_of_trades(contract: Contract) -> bool:
    return any(address.table == "market_trades" for address in contract.inputs)


def _scope(inputs: Inputs, known: Received, asked: set[int]) -> Scope | None:
    """None where a change may reach any day."""
    reached = reached_days(known.before, known.after, known.touched)
    if reached is None:
        return None
    days = reached | asked
    rows = rows_of(context_of(known.after, days), known.after)
    restricted = {address: frame.where(rows[address.table]) for address, frame in inputs.items()}
    return Scope([iso_date(day) for day in sorted(days)], restricted)


def rows_of(context: Context, timeline: Timeline) -> dict[str, Column]:
    """Which rows of market_trades, level2 and messages belong to a context; by partitions as far as these tell."""
    connections = [timeline.connections[name] for name in context.connections]
    is_of_connection = F.col("connection_id").isin(sorted(context.connections))
    nearest = [f"{product}/{iso_date(day)}" for product, day in sorted(context.nearest)]
    product_and_date = F.concat_ws("/", "product_id", F.col("date").cast("string"))
    books = (range(c.extent[0] // DAY, c.extent[1] // DAY + 1) for c in connections)
    heard = (range(c.received[0], c.received[1] + 1) for c in connections)
    return {
        "market_trades": _on(context.days) | product_and_date.isin(nearest),
        "level2": _on(day for days in books for day in days) & is_of_connection,
        "messages": _on(day for days in heard for day in days) & is_of_connection,
    }


def _on(days: Iterable[int]) -> Column:
    return F.col("date").isin([iso_date(day) for day in sorted({*days})])
