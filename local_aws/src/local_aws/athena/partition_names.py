"""Partitions as Hive names them: ``day=2025-04-01/country=IN``."""

import re
from urllib.parse import unquote

from local_aws.athena.errors import SYNTAX_ERROR, QueryFailedError
from local_aws.athena.statements import NAME

NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"

_VALUE = r"(?:DATE\s*)?(?P<text>'(?:[^']|'')*'|\"[^\"]*\")|(?P<bare>[^\s,()'\"]+)"
_PAIR = re.compile(rf"\s*(?P<key>{NAME})\s*=\s*(?:{_VALUE})\s*(?:,|$)", re.IGNORECASE)
# What Hive escapes in the name of a folder.
_ESCAPED = re.compile(r"""[\x00-\x1f"#%'*/:=?\\\x7f{\[\]^]""")


def values_of_spec(spec: str, keys: list[str]) -> list[str]:
    """Values of a partition, in the order of the table's keys, from the inside of ``PARTITION (...)``.

    Raises:
        QueryFailedError: It does not name each key once.
    """
    given: dict[str, str] = {}
    position = 0
    while position < len(spec.rstrip()) and (match := _PAIR.match(spec, position)):
        text = match["text"]
        value = match["bare"] if text is None else text[1:-1].replace("''", "'")
        given[match["key"].strip('"`').lower()] = value
        position = match.end()
    if position < len(spec.rstrip()) or sorted(given) != sorted(keys):
        raise QueryFailedError(
            f"FAILED: SemanticException [Error 10096]: partition ({spec.strip()}) does not name the keys "
            f"{', '.join(keys)}",
            SYNTAX_ERROR,
        )
    return [given[key] for key in keys]


def name(keys: list[str], values: list[str]) -> str:
    """Folder of a partition below its table."""
    return "/".join(f"{key}={_escaped(value)}" for key, value in zip(keys, values, strict=True))


def values_of_path(path: str, keys: list[str]) -> list[str] | None:
    """Values of the partition that an object lies in, by its path below the table; None if in no partition."""
    folders = path.split("/")[:-1]
    if len(folders) < len(keys):
        return None
    pairs = [folder.partition("=") for folder in folders[: len(keys)]]
    if [key for key, _, _ in pairs] != keys:
        return None
    return [unquote(value) for _, _, value in pairs]


def _escaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", value)
