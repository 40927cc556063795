"""A query of Logs Insights, as far as it is supported: commands that are applied one after another.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.logs.condition import condition
from local_aws.logs.event_fields import Row
from local_aws.logs.reader import Reader
from local_aws.logs.values import natural_order

LIMIT_MAX = 10_000
SHOWN_BY_DEFAULT = ["@timestamp", "@message"]
_COMMANDS = "one of fields, filter, stats, sort, limit"
Step = Callable[[list[Row]], list[Row]]


@dataclass
class Query:
    """What to do with events, the latest first.

    Attributes:
        shown: Fields of the results.
        steps: Filters, counts and orders.
        limit: Of the results.
        counted: Whether ``steps`` has a count: results are no events then.
    """

    shown: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    limit: int | None = None
    counted: bool = False


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        MalformedQueryError: It breaks a rule, or has what is not supported here.
    """
    reader, query = Reader(text), Query()
    _command(reader, query)
    while reader.took_sign("|"):
        _command(reader, query)
    if reader.next.kind != "end":
        raise reader.wrong("| or the end")
    query.shown = query.shown or SHOWN_BY_DEFAULT
    return query


def _command(reader: Reader, query: Query) -> None:
    if query.limit is not None:
        raise reader.wrong("nothing after limit")
    if reader.took("filter"):
        query.steps.append(_filter(reader))
    elif reader.took("sort"):
        query.steps.append(_sort(reader))
    elif reader.took("limit"):
        query.limit = _limit(reader)
    elif query.counted:
        raise reader.wrong("only filter, sort and limit after stats")
    elif reader.took("fields"):
        query.shown += [name for name in reader.fields() if name not in query.shown]
    elif reader.took("stats"):
        _stats(reader, query)
    else:
        raise reader.wrong(_COMMANDS)


def _filter(reader: Reader) -> Step:
    holds = condition(reader)
    return lambda rows: [row for row in rows if holds(row)]


def _sort(reader: Reader) -> Step:
    keys = [_sort_key(reader)]
    while reader.took_sign(","):
        keys.append(_sort_key(reader))

    def ordered(rows: list[Row]) -> list[Row]:
        for name, descending in reversed(keys):
            rows = sorted(rows, key=lambda row: natural_order(row.get(name)), reverse=descending)
        return rows

    return ordered


def _sort_key(reader: Reader) -> tuple[str, bool]:
    name = reader.field()
    if reader.took("desc"):
        return name, True
    reader.expect("asc")
    return name, False


def _limit(reader: Reader) -> int:
    if not (reader.next.value.isdigit() and 1 <= int(reader.next.value) <= LIMIT_MAX):
        raise reader.wrong(f"a number from 1 to {LIMIT_MAX}")
    return int(reader.take().value)


def _stats(reader: Reader, query: Query) -> None:
    reader.expect("count")
    for sign in "(*)":
        reader.expect_sign(sign)
    name = reader.field() if reader.took("as") else "count(*)"
    by = reader.fields() if reader.took("by") else []

    def counts(rows: list[Row]) -> list[Row]:
        found = Counter(tuple(row.get(group) for group in by) for row in rows)
        return [
            {
                **{group: value for group, value in zip(by, key, strict=True) if value is not None},
                name: str(n),
            }
            for key, n in found.items()
        ]

    query.steps.append(counts)
    query.shown, query.counted = [*by, name], True
