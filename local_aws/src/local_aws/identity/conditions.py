"""Condition blocks of policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html."""

import base64
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from local_aws.identity.access import AccessRequest

Test = Callable[[str, str], bool]


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """Match a value against a pattern with ``*`` and ``?``."""
    return _pattern(pattern).fullmatch(value) is not None


ARN_PARTS = 6


def arn_like(value: str, pattern: str) -> bool:
    """Match ARNs part by part: a ``*`` does not reach over a colon, but in the last part."""
    values, patterns = value.split(":", ARN_PARTS - 1), pattern.split(":", ARN_PARTS - 1)
    return len(values) == len(patterns) and all(map(like, values, patterns))


def _in_network(value: str, network: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


def _date(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


OPERATORS: dict[str, Test] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.casefold() == wanted.casefold(),
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "BinaryEquals": lambda value, wanted: base64.b64decode(value) == base64.b64decode(wanted),
    "IpAddress": _in_network,
    "NumericEquals": lambda value, wanted: float(value) == float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "NumericLessThanEquals": lambda value, wanted: float(value) <= float(wanted),
    "NumericGreaterThan": lambda value, wanted: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
    "DateEquals": lambda value, wanted: _date(value) == _date(wanted),
    "DateLessThan": lambda value, wanted: _date(value) < _date(wanted),
    "DateLessThanEquals": lambda value, wanted: _date(value) <= _date(wanted),
    "DateGreaterThan": lambda value, wanted: _date(value) > _date(wanted),
    "DateGreaterThanEquals": lambda value, wanted: _date(value) >= _date(wanted),
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?")
_VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")


def as_list(value: Any) -> list[str]:
    """A policy's scalar or list as a list of strings (JSON true is the string ``true``)."""
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def with_variables(text: str, request: AccessRequest) -> str | None:
    """Replace ``${aws:username}`` and the like; None if the request has no such value."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        if found[1] in "*?$":
            return found[1]
        values = request.values(found[1]) or ([found[2]] if found[2] is not None else [])
        missing = missing or len(values) != 1
        return values[0] if values else ""

    result = _VARIABLE.sub(value, text)
    return None if missing else result


def known_operator(name: str) -> bool:
    """Whether IAM has an operator of this name."""
    found = _OPERATOR.fullmatch(name)
    return found is not None and (found[2] in OPERATORS or found[2] in NEGATED or found[2] == "Null")


def all_met(block: dict[str, dict[str, Any]], request: AccessRequest) -> bool:
    """Whether every condition of a statement's block is met."""
    return all(
        _met(operator, request.values(key), as_list(wanted), request)
        for operator, keys in block.items()
        for key, wanted in keys.items()
    )


def _met(operator: str, values: list[str] | None, wanted: list[str], request: AccessRequest) -> bool:
    found = _OPERATOR.fullmatch(operator)
    if found is None:
        raise ValueError(f"Unknown condition operator {operator}")
    quantifier, name, if_exists = found.groups()
    if name == "Null":
        return (values is None) == (wanted[0] == "true")
    if values is None:
        return bool(if_exists) or name in NEGATED or quantifier == "ForAllValues"
    negated = name in NEGATED
    test = OPERATORS[NEGATED.get(name, name)]
    patterns = [text for text in (with_variables(item, request) for item in wanted) if text is not None]
    hits = [any(_safely(test, value, pattern) for pattern in patterns) != negated for value in values]
    return any(hits) if quantifier == "ForAnyValue" else all(hits)


def _safely(test: Test, value: str, wanted: str) -> bool:
    """A value that is no number, date or address matches nothing, as in IAM."""
    try:
        return test(value, wanted)
    except ValueError:
        return False
