"""Value sets: which codes a measure means, as FHIR ValueSet resources in `transforms/clinical/value_sets/`.

Where a ValueSet has an `expansion`, that is what it means, with all that it nests; entries that are `abstract` are no
codes. Without one, `compose` is read: its `include` less its `exclude`, each a `concept` list, or filters that must all
hold: `code regex` (the whole code matches), and of ICD-10-CM `concept is-a` (a code and those below it by its dot).
Anything else needs an expansion, and is refused without. https://hl7.org/fhir/R4/valueset.html
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"

type Codes = dict[str, list[str]]
"""Of each code system, regular expressions of which one matches a code."""

_END = "(?: |$)"
_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.")


class ValueSetError(ValueError):
    """A value set that is missing or says what is not read; the message names the file."""


def pattern(*names: str) -> str:
    """A regular expression that finds a token `system|code` of one of the value sets among several, between spaces.

    It means the same to Python, Spark (Java) and Athena (Trino). Raises ValueSetError.
    """
    return f"(?:^| )(?:{'|'.join(map(_named, names))}){_END}"


@cache
def _named(name: str) -> str:
    file = files("lakehouse") / "transforms" / "clinical" / "value_sets" / f"{name}.json"
    if not file.is_file():
        raise ValueSetError(f"no value set {name}: there is no file value_sets/{name}.json")
    return read(file)


def read(file: Traversable) -> str:
    """A regular expression that matches a token of the value set in a file; raises ValueSetError."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        included, excluded = _expanded(content) if "expansion" in content else _composed(content)
    except json.JSONDecodeError as error:
        raise ValueSetError(f"{file.name} is no JSON, line {error.lineno}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueSetError(f"{file.name} is no ValueSet as FHIR has it ({error})") from error
    except ValueSetError as error:
        raise ValueSetError(f"{file.name}: {error}") from error
    if not included:
        raise ValueSetError(f"{file.name} names no code")
    return "|".join(
        rf"{re.escape(system)}\|{_none_of(excluded.get(system))}(?:{'|'.join(codes)})"
        for system, codes in included.items()
    )


def _none_of(codes: list[str] | None) -> str:
    return f"(?!(?:{'|'.join(codes)}){_END})" if codes else ""


def _expanded(content: dict[str, Any]) -> tuple[Codes, Codes]:
    expansion = content["expansion"]
    found: Codes = {}
    entries = 0
    for entry in _entries(expansion):
        entries += 1
        if entry.get("abstract") or "code" not in entry:
            continue
        if "system" not in entry:
            raise ValueSetError(f"entry {entries} of the expansion names no system")
        found.setdefault(entry["system"], []).append(re.escape(entry["code"]))
    if entries < expansion.get("total", 0):
        raise ValueSetError(
            f"the expansion has {entries} of {expansion['total']} entries: put all its pages into one"
        )
    return found, {}


def _entries(parent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Entries of an expansion and those in them, inactive ones too: what is recorded keeps its code."""
    for entry in parent.get("contains", ()):
        yield entry
        yield from _entries(entry)


def _composed(content: dict[str, Any]) -> tuple[Codes, Codes]:
    compose = content.get("compose", {})
    return _parts_of(compose, "include"), _parts_of(compose, "exclude")


def _parts_of(compose: dict[str, Any], name: str) -> Codes:
    found: Codes = {}
    for number, part in enumerate(compose.get(name, ())):
        try:
            codes = _codes(part)
        except ValueSetError as error:
            raise ValueSetError(
                f"{name}[{number}] {error}: ship the ValueSet with its expansion (operation $expand)"
            ) from error
        found.setdefault(part["system"], []).extend(codes)
    return found


def _codes(part: dict[str, Any]) -> list[str]:
    """Regular expressions of the codes of an `include` or `exclude`."""
    concepts, conditions = part.get("concept"), part.get("filter")
    if "valueSet" in part:
        raise ValueSetError("is made of other value sets, which are not read")
    if "system" not in part:
        raise ValueSetError("names no system")
    if concepts and conditions:
        raise ValueSetError("has both concepts and filters, which FHIR forbids")
    if concepts:
        return [re.escape(concept["code"]) for concept in concepts]
    if conditions:
        *others, last = (_filtered(part["system"], condition) for condition in conditions)
        return ["".join(f"(?=(?:{other}){_END})" for other in others) + f"(?:{last})"]
    raise ValueSetError("is a whole code system, which is not read")


def _filtered(system: str, condition: dict[str, Any]) -> str:
    match condition:
        case {"property": "concept", "op": "is-a", "value": str(code)} if system == ICD_10_CM:
            return _is_a(code)
        case {"property": "code", "op": "regex", "value": str(expression)}:
            return _regex(expression)
    told = f"{condition.get('property')} {condition.get('op')}"
    raise ValueSetError(f"has the filter {told!r}, which is not read of {system}")


def _is_a(code: str) -> str:
    below = r"\S*" if "." in code else r"(?:\.\S*)?"
    return re.escape(code) + below


def _regex(expression: str) -> str:
    """The expression, which matches whole codes, among tokens: nothing in it goes beyond a space."""
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueSetError(f"has the regex {expression!r}, which is none ({error})") from error
    return "".join(map(_within_a_code, _PARTS.findall(expression)))


def _within_a_code(part: str) -> str:
    if part.startswith("[^"):
        return rf"[^\s{part[2:]}"
    return {".": r"\S", "^": "", "$": ""}.get(part, part)
