"""FHIRPath, compiled once, over resources as `json` or `orjson` reads them: from a collection to a collection.

Functions: where, exists, select, first, not, ofType (after the member that is a choice of types), extension, join,
replaceMatches, lowBoundary, highBoundary, precision; of SQL on FHIR: getResourceKey, getReferenceKey.
Where the standard demands one element and there are several, EvaluationError is raised.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lakehouse.fhir.path_parser import (
    Call,
    Item,
    Literal,
    Member,
    Node,
    Operation,
    PathError,
    This,
    parse_path,
)
from lakehouse.fhir.references import reference_key
from lakehouse.fhir.times import high_boundary, is_not_after, low_boundary, precision

type Step = Callable[[list[Any]], list[Any]]


class EvaluationError(ValueError):
    """A path that a resource has no single answer to, or one of another kind; the message holds no value."""


def compile_path(path: str) -> Step:
    """What evaluates a path over one element or several; raises PathError."""
    try:
        return _compiled(parse_path(path))
    except PathError as error:
        raise PathError(f"path {path!r}: {error}" if path not in str(error) else str(error)) from error


def _compiled(node: Node) -> Step:  # noqa: PLR0911 - a case for each kind of node
    match node:
        case This():
            return lambda elements: elements
        case Literal(value):
            return lambda _: [value]
        case Member(of, name):
            return _after(of, _member(name))
        case Item(of, place):
            return _after(of, lambda elements: elements[place : place + 1])
        case Call(Member(of, name), "ofType", arguments):
            kind = _type_name("ofType", arguments)
            return _after(of, _member(name + kind[0].upper() + kind[1:]))
        case Call(of, function, arguments):
            return _after(of, _function(function, arguments))
        case Operation(sign, left, right):
            return _operator(sign, _compiled(left), _compiled(right))


def _after(of: Node, step: Step) -> Step:
    if isinstance(of, This):
        return step
    before = _compiled(of)
    return lambda elements: step(before(elements))


def _member(name: str) -> Step:
    def step(elements: list[Any]) -> list[Any]:
        found: list[Any] = []
        for element in elements:
            value = element.get(name) if isinstance(element, dict) else None
            if isinstance(value, list):
                found += [each for each in value if each is not None]
            elif value is not None:
                found.append(value)
        return found

    return step


def _function(name: str, arguments: tuple[Node, ...]) -> Step:
    if name in _OF_TYPE_NAME:
        return _OF_TYPE_NAME[name](_type_name(name, arguments) if arguments else None)
    if name in _OF_LITERALS:
        return _OF_LITERALS[name](*_literals(name, arguments))
    if name in _OF_PATHS:
        fewest, most = _OF_PATHS[name][1]
        if not fewest <= len(arguments) <= most:
            raise PathError(f"{name}() has another number of arguments")
        return _OF_PATHS[name][0](*map(_compiled, arguments))
    raise PathError(f"{name}() is not of the subset" + (", or not here" if name == "ofType" else ""))


def _type_name(function: str, arguments: tuple[Node, ...]) -> str:
    match arguments:
        case (Member(This(), name),):
            return name
    raise PathError(f"{function}() needs the name of one type")


def _literals(function: str, arguments: tuple[Node, ...]) -> list[Any]:
    found = [argument.value for argument in arguments if isinstance(argument, Literal)]
    kinds = [int if function.endswith("Boundary") else str] * len(found)
    fewest, most = _LITERALS[function]
    if len(found) < len(arguments) or not fewest <= len(found) <= most or [type(f) for f in found] != kinds:
        raise PathError(f"{function}() needs other arguments, as literals")
    return found


def _where(criteria: Step) -> Step:
    return lambda elements: [element for element in elements if criteria([element]) == [True]]


def _exists(criteria: Step | None = None) -> Step:
    if criteria is None:
        return lambda elements: [bool(elements)]
    return lambda elements: [any(criteria([element]) == [True] for element in elements)]


def _select(projection: Step) -> Step:
    return lambda elements: [found for element in elements for found in projection([element])]


def _first() -> Step:
    return lambda elements: elements[:1]


def _not() -> Step:
    return lambda elements: [not truth for truth in _truths(elements)]


def _extension(url: str) -> Step:
    extensions = _member("extension")
    return lambda elements: [
        each for each in extensions(elements) if isinstance(each, dict) and each.get("url") == url
    ]


def _join(separator: str = "") -> Step:
    return lambda elements: [separator.join(map(text_of, elements))] if elements else []


def _replace_matches(pattern: str, substitution: str) -> Step:
    expression = re.compile(pattern)
    return lambda elements: [expression.sub(substitution, text) for text in _texts(elements)]


def _low_boundary(digits: int = 17) -> Step:
    return lambda elements: [low_boundary(text, digits) for text in _texts(elements)]


def _high_boundary(digits: int = 17) -> Step:
    return lambda elements: [high_boundary(text, digits) for text in _texts(elements)]


def _precision() -> Step:
    return lambda elements: [digits for text in _texts(elements) if (digits := precision(text)) is not None]


def _resource_key(_: str | None) -> Step:
    return _member("id")


def _reference_key(wanted: str | None) -> Step:
    def step(elements: list[Any]) -> list[Any]:
        keys = (
            reference_key(element["reference"], element.get("type"), wanted)
            for element in elements
            if isinstance(element, dict) and isinstance(element.get("reference"), str)
        )
        return [key for key in keys if key is not None]

    return step


_OF_TYPE_NAME: dict[str, Callable[[str | None], Step]] = {
    "getReferenceKey": _reference_key,
    "getResourceKey": _resource_key,
}
_LITERALS = {
    "extension": (1, 1),
    "join": (0, 1),
    "replaceMatches": (2, 2),
    "lowBoundary": (0, 1),
    "highBoundary": (0, 1),
}
_OF_LITERALS: dict[str, Callable[..., Step]] = {
    "extension": _extension,
    "join": _join,
    "replaceMatches": _replace_matches,
    "lowBoundary": _low_boundary,
    "highBoundary": _high_boundary,
}
_OF_PATHS: dict[str, tuple[Callable[..., Step], tuple[int, int]]] = {
    "where": (_where, (1, 1)),
    "exists": (_exists, (0, 1)),
    "select": (_select, (1, 1)),
    "first": (_first, (0, 0)),
    "not": (_not, (0, 0)),
    "precision": (_precision, (0, 0)),
}


def _operator(sign: str, left: Step, right: Step) -> Step:
    combine = _OPERATORS[sign]
    return lambda elements: combine(left(elements), right(elements))


def _union(left: list[Any], right: list[Any]) -> list[Any]:
    if len(left) + len(right) < 2:  # noqa: PLR2004 - nothing may be there twice
        return left or right
    found: list[Any] = []
    for element in (*left, *right):
        if element not in found:
            found.append(element)
    return found


def _concatenation(left: list[Any], right: list[Any]) -> list[Any]:
    return ["".join(text_of(part) for part in (*_single(left), *_single(right)))]


def _equal(left: list[Any], right: list[Any]) -> list[Any]:
    if not left or not right:
        return []
    # In Python, 1 is True.
    return [left == right and [isinstance(e, bool) for e in left] == [isinstance(e, bool) for e in right]]


def _not_after(left: list[Any], right: list[Any]) -> list[Any]:
    both = [*_single(left), *_single(right)]
    if len(both) < 2:  # noqa: PLR2004 - one is missing
        return []
    if all(type(each) is int for each in both):
        return [both[0] <= both[1]]
    truth = is_not_after(*_texts(both))
    return [] if truth is None else [truth]


def _and(left: list[Any], right: list[Any]) -> list[Any]:
    truths = (_truths(left), _truths(right))
    return [False] if [False] in truths else [] if [] in truths else [True]


def _or(left: list[Any], right: list[Any]) -> list[Any]:
    truths = (_truths(left), _truths(right))
    return [True] if [True] in truths else [] if [] in truths else [False]


_OPERATORS: dict[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "|": _union,
    "&": _concatenation,
    "=": _equal,
    "<=": _not_after,
    "and": _and,
    "or": _or,
}


def text_of(value: Any) -> str:
    """A primitive as text; raises EvaluationError for what is none."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
    raise EvaluationError("an object is where a primitive should be")


def _texts(elements: list[Any]) -> list[str]:
    if any(not isinstance(element, str) for element in elements):
        raise EvaluationError("something else is where text should be")
    return elements


def _truths(elements: list[Any]) -> list[bool]:
    if any(not isinstance(element, bool) for element in _single(elements)):
        raise EvaluationError("something else is where true or false should be")
    return elements


def _single(elements: list[Any]) -> list[Any]:
    if len(elements) > 1:
        raise EvaluationError("several elements are where one should be")
    return elements
