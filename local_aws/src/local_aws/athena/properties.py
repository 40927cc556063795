"""The ``WITH (...)`` of CTAS and UNLOAD, as Athena spells it, and what becomes of it for Trino."""

import re

from local_aws.trino.settings import HIVE_CATALOG

LIST = r"\((?:[^()']|'[^']*'|\([^()]*\))*\)"
"""The parenthesised list itself."""

_PROPERTY = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|ARRAY\s*\[[^\]]*\]|[^,\s)]+)", re.IGNORECASE)
_COMPRESSION = ("compression", "write_compression", "parquet_compression", "orc_compression")
_LEVEL = "compression_level"


def parse(text: str | None) -> dict[str, str]:
    """Values, quoted as they are, by lower-case name."""
    return {name.lower(): value for name, value in _PROPERTY.findall(text or "")}


def take_compression(properties: dict[str, str], default: str | None = None) -> dict[str, str]:
    """Take the codec out of the properties; returns the session property that Trino has for it instead."""
    properties.pop(_LEVEL, None)
    codecs = [properties.pop(name) for name in _COMPRESSION if name in properties]
    codec = codecs[0].strip("'").upper() if codecs else default
    return {f"{HIVE_CATALOG}.compression_codec": codec} if codec else {}


def rendered(properties: dict[str, str]) -> str:
    """The clause's inside."""
    return ", ".join(f"{name} = {value}" for name, value in properties.items())
