"""How values compare.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_CHUNKS = re.compile(r"[0-9]+|[^\W\d_]+|.", re.DOTALL)


def number(text: str) -> Decimal | None:
    """The number that a value is, if it is one."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def natural_order(value: str | None) -> tuple[Any, ...]:
    """Sort key: values that are missing, then text in natural order, then numbers."""
    if value is None:
        return (0,)
    found = number(value)
    return (1, *map(_by_chunk, _CHUNKS.findall(value))) if found is None else (2, found, value)


def _compare(left: str, right: str) -> int:
    if left.isdecimal() and right.isdecimal():
        sizes = (len(left), int(left)), (len(right), int(right))
        return (sizes[0] > sizes[1]) - (sizes[0] < sizes[1])
    return (left > right) - (left < right)


_by_chunk: Callable[[str], Any] = cmp_to_key(_compare)
