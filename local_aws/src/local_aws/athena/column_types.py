"""Types of the engine: parsed from their text, spelled as the Glue catalog and as Athena's API spell them."""

from dataclasses import dataclass
from typing import Any

_API_NAMES = {"real": "float"}
_HIVE_NAMES = {"integer": "int", "real": "float", "varbinary": "binary", "varchar": "string"}
_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "double": 17,
    "real": 17,
    "time": 3,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varbinary": 1073741824,
    "varchar": 2147483647,
}


@dataclass(frozen=True)
class EngineType:
    """A type as Trino names it.

    Attributes:
        name: Base name in lower case, such as ``decimal``, ``row`` or ``timestamp with time zone``.
        numbers: Length, precision or (precision, scale).
        parts: Element types of an array, a map (key, value) or a row.
        fields: Names of a row's fields, None for a field without a name.
    """

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple["EngineType", ...] = ()
    fields: tuple[str | None, ...] = ()


def parse(text: str) -> EngineType:
    """Parse a type's text, such as ``row(a integer, b array(decimal(18,2)))``."""
    head, _, rest = text.partition("(")
    head = head.strip().lower()
    if not rest:
        return EngineType(head)
    inner, _, suffix = rest.rpartition(")")
    arguments = _split(inner)
    if head == "row":
        pairs = [_field(argument) for argument in arguments]
        return EngineType(head, parts=tuple(p for _, p in pairs), fields=tuple(n for n, _ in pairs))
    if head in {"array", "map"}:
        return EngineType(head, parts=tuple(parse(argument) for argument in arguments))
    return EngineType(f"{head} {suffix.strip()}".strip(), numbers=tuple(int(a) for a in arguments))


def column_info(name: str, type_: EngineType) -> dict[str, Any]:
    """Describe a result column as GetQueryResults does."""
    precision, scale = _PRECISIONS.get(type_.name, 0), 0
    if type_.name == "decimal":
        precision, scale = type_.numbers
    elif type_.name in {"varchar", "char"} and type_.numbers:
        precision = type_.numbers[0]
    api_name = _API_NAMES.get(type_.name, type_.name)
    return info(name, api_name, precision, scale, case_sensitive=type_.name in {"varchar", "char"})


def info(
    name: str, type_name: str, precision: int = 0, scale: int = 0, *, case_sensitive: bool = False
) -> dict[str, Any]:
    """One entry of ColumnInfo."""
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": type_name,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": case_sensitive,
    }


def hive_name(type_: EngineType) -> str:
    """Spell a type as the Glue catalog does: ``array<struct<a:int>>``, ``timestamp``, ``string``."""
    name = type_.name.split(" ", 1)[0]
    if type_.parts:
        parts = [hive_name(part) for part in type_.parts]
        if name == "row":
            fields = (field or f"col{number}" for number, field in enumerate(type_.fields))
            parts = [f"{field}:{part}" for field, part in zip(fields, parts, strict=True)]
        return f"{'struct' if name == 'row' else name}<{','.join(parts)}>"
    if name in {"varchar", "decimal", "char"} and type_.numbers:
        return f"{name}({','.join(map(str, type_.numbers))})"
    return _HIVE_NAMES.get(name, name)


def _split(text: str) -> list[str]:
    """Split at the commas that are outside every parenthesis and quote."""
    pieces, depth, quoted, current = [], 0, False, ""
    for character in text:
        if character == '"':
            quoted = not quoted
        if not quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if character == "," and depth == 0:
                pieces.append(current.strip())
                current = ""
                continue
        current += character
    return [*pieces, current.strip()]


_BARE_TYPES = {"timestamp", "time", "double", "interval"}


def _field(text: str) -> tuple[str | None, EngineType]:
    """Part a row's field into name and type; ``timestamp(3) with time zone`` alone has no name."""
    if text.startswith('"'):
        end = text.index('"', 1)
        return text[1:end], parse(text[end + 1 :].strip())
    name, separator, rest = text.partition(" ")
    if not separator or "(" in name or (name in _BARE_TYPES and rest.startswith(("with ", "day", "year"))):
        return None, parse(text)
    return name, parse(rest)
