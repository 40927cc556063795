"""The text that Athena shows for a value, in rows and in result files."""

import base64
import math
import re
from decimal import Decimal
from typing import Any

from local_aws.athena.column_types import EngineType

_PLAIN_DOUBLE_MIN = 1e-3
_PLAIN_DOUBLE_MAX = 1e7
_FRACTION = re.compile(r"(:\d\d)(?:\.(\d*))?(?=$|[ +-])")
_MILLISECOND_DIGITS = 3


def render(value: Any, type_: EngineType) -> str | None:
    """Text of a value as Trino's JSON carries it; None for null."""
    if value is None:
        return None
    return _RENDERERS.get(type_.name.split(" ", 1)[0], _plain)(value, type_)


def double(value: float) -> str:
    """Text of a double as Java prints it: ``0.1``, ``1.0E7``, ``1.0E-5``, ``NaN``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_DOUBLE_MIN <= abs(value) < _PLAIN_DOUBLE_MAX:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    power = int(exponent) + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


def _plain(value: Any, _type: EngineType) -> str:
    return str(value)


def _boolean(value: Any, _type: EngineType) -> str:
    return "true" if value else "false"


def _double(value: Any, _type: EngineType) -> str:
    return double(float(value))


def _bytes(value: Any, _type: EngineType) -> str:
    return base64.b64decode(value).hex(" ")


def _with_milliseconds(value: Any, _type: EngineType) -> str:
    """A time with three digits of its second at least: Athena's clients cannot parse one without."""

    def pad(match: re.Match[str]) -> str:
        return f"{match[1]}.{(match[2] or '').ljust(_MILLISECOND_DIGITS, '0')}"

    return _FRACTION.sub(pad, str(value), count=1)


def _array(value: Any, type_: EngineType) -> str:
    return "[" + ", ".join(_inner(item, type_.parts[0]) for item in value) + "]"


def _map(value: Any, type_: EngineType) -> str:
    # JSON has only text as keys, so the engine has worded them already.
    return "{" + ", ".join(f"{key}={_inner(item, type_.parts[1])}" for key, item in value.items()) + "}"


def _row(value: Any, type_: EngineType) -> str:
    fields = zip(type_.fields, value, type_.parts, strict=True)
    return "{" + ", ".join(f"{f}={_inner(v, t)}" if f else _inner(v, t) for f, v, t in fields) + "}"


def _inner(value: Any, type_: EngineType) -> str:
    text = render(value, type_)
    return "null" if text is None else text


_RENDERERS = {
    "boolean": _boolean,
    "double": _double,
    "real": _double,
    "timestamp": _with_milliseconds,
    "time": _with_milliseconds,
    "varbinary": _bytes,
    "array": _array,
    "map": _map,
    "row": _row,
}
