"""Value sets: which codes a measure means, as FHIR ValueSet resources in `value_sets/`.

What is read of a ValueSet: `compose.include` with `concept` lists and the filters `concept is-a` (a code and those that
ICD-10-CM puts below it by their dot) and `code regex` (the whole code matches), and `expansion.contains`.
https://hl7.org/fhir/R4/valueset.html
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F


class ValueSetError(ValueError):
    """A value set that is missing or says what is not read; the message names the file."""


def is_in(codes: Column, *names: str) -> Column:
    """Whether one of the tokens `system|code`, separated by spaces, is in one of the value sets; never null."""
    return F.coalesce(codes.rlike(pattern(*names)), F.lit(False))


def pattern(*names: str) -> str:
    """A regular expression that finds a token of one of the value sets among several; raises ValueSetError."""
    tokens = "|".join(part for name in names for part in _patterns(name))
    return f"(?:^| )(?:{tokens})(?: |$)"


@cache
def _patterns(name: str) -> tuple[str, ...]:
    """Regular expressions of which one matches a token of the value set."""
    file = files("lakehouse") / "transforms" / "clinical" / "value_sets" / f"{name}.json"
    if not file.is_file():
        raise ValueSetError(f"no value set {name}: there is no file value_sets/{name}.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    try:
        patterns = (*_composed(content), *_expanded(content))
    except KeyError as error:
        raise ValueSetError(f"value_sets/{name}.json: {error} is missing or not read") from error
    if not patterns:
        raise ValueSetError(f"value_sets/{name}.json names no code")
    return patterns


def _composed(content: dict[str, Any]) -> Iterator[str]:
    for include in content.get("compose", {}).get("include", ()):
        system = include["system"]
        for concept in include.get("concept", ()):
            yield _token(system, re.escape(concept["code"]))
        for condition in include.get("filter", ()):
            yield _token(system, _FILTERS[condition["property"], condition["op"]](condition["value"]))


def _expanded(content: dict[str, Any]) -> Iterator[str]:
    for concept in content.get("expansion", {}).get("contains", ()):
        yield _token(concept["system"], re.escape(concept["code"]))


def _token(system: str, code: str) -> str:
    return rf"{re.escape(system)}\|(?:{code})"


def _is_a(code: str) -> str:
    below = r"\S*" if "." in code else r"(?:\.\S*)?"
    return re.escape(code) + below


def _regex(pattern: str) -> str:
    return pattern.replace(".", r"\S")


_FILTERS = {("concept", "is-a"): _is_a, ("code", "regex"): _regex}
