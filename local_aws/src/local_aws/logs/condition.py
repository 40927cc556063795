"""Conditions of ``filter``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
"""

import operator
import re
from collections.abc import Callable
from decimal import Decimal

from local_aws.logs.event_fields import Row
from local_aws.logs.reader import Reader
from local_aws.logs.values import number

Condition = Callable[[Row], bool]
_EQUAL = {"=": operator.eq, "!=": operator.ne}
_ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def condition(reader: Reader) -> Condition:
    """Read comparisons joined by ``and``, ``or`` and ``not``.

    Raises:
        MalformedQueryError: It is something else.
    """
    found = _conjunction(reader)
    while reader.took("or"):
        found = _either(found, _conjunction(reader))
    return found


def _conjunction(reader: Reader) -> Condition:
    found = _factor(reader)
    while reader.took("and"):
        found = _both(found, _factor(reader))
    return found


def _factor(reader: Reader) -> Condition:
    if reader.took("not"):
        return _negated(_factor(reader))
    if reader.took_sign("("):
        found = condition(reader)
        reader.expect_sign(")")
        return found
    return _comparison(reader)


def _comparison(reader: Reader) -> Condition:
    field = reader.field()
    if reader.took("not"):
        reader.expect("like")
        return _negated_where_present(field, _like(reader, field))
    if reader.took("like"):
        return _like(reader, field)
    if reader.took_sign("=~"):
        return _matches(field, reader.pattern())
    sign = reader.sign({*_EQUAL, *_ORDERED})
    if sign in _EQUAL and reader.next.kind == "text":
        return _same_text(field, _EQUAL[sign], reader.take().value)
    return _compares(field, sign, reader.number())


def _like(reader: Reader, field: str) -> Condition:
    if reader.next.kind == "pattern":
        return _matches(field, reader.pattern())
    text = reader.text()
    return lambda row: field in row and text in row[field]


def _matches(field: str, pattern: re.Pattern[str]) -> Condition:
    return lambda row: field in row and pattern.search(row[field]) is not None


def _same_text(field: str, holds: Callable[[str, str], bool], text: str) -> Condition:
    return lambda row: field in row and holds(row[field], text)


def _compares(field: str, sign: str, text: str) -> Condition:
    wanted = Decimal(text)

    def holds(row: Row) -> bool:
        found = number(row[field]) if field in row else None
        if found is None:
            return sign == "!=" and field in row
        return bool((_EQUAL | _ORDERED)[sign](found, wanted))

    return holds


def _negated_where_present(field: str, one: Condition) -> Condition:
    return lambda row: field in row and not one(row)


def _negated(one: Condition) -> Condition:
    return lambda row: not one(row)


def _both(one: Condition, other: Condition) -> Condition:
    return lambda row: one(row) and other(row)


def _either(one: Condition, other: Condition) -> Condition:
    return lambda row: one(row) or other(row)
