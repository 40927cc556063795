"""FHIRPath, as far as views of FHIR resources need it: from text to a tree.

Paths of members, `[n]`, calls, `$this`, literals (text, whole numbers, true, false), and the operators `&`, `|`, `<=`,
`=`, `and` and `or`. Standard: https://hl7.org/fhirpath/N1/, https://sql-on-fhir.org/ig/2.0.0/StructureDefinition-ViewDefinition.html.
"""

import re
from dataclasses import dataclass
from functools import cache

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<number>[0-9]+)
      | (?P<name>\$this|[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|[.()\[\],|=&])
    )""",
    re.VERBOSE,
)
_POWERS = {"or": 1, "and": 2, "=": 3, "<=": 4, "|": 5, "&": 6}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


class PathError(ValueError):
    """A path that is no FHIRPath, or none of the subset; the message names path and place."""


@dataclass(frozen=True)
class This:
    """The element that a path begins at."""


@dataclass(frozen=True)
class Literal:
    value: str | int | bool


@dataclass(frozen=True)
class Member:
    of: "Node"
    name: str


@dataclass(frozen=True)
class Item:
    """One element of several, by its place from 0."""

    of: "Node"
    place: int


@dataclass(frozen=True)
class Call:
    of: "Node"
    function: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True)
class Operation:
    sign: str
    left: "Node"
    right: "Node"


type Node = This | Literal | Member | Item | Call | Operation


@cache
def parse_path(text: str) -> Node:
    """The tree of a path; raises PathError."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def whole(self) -> Node:
        node = self._operation(0)
        if self._peek() != ("", ""):
            raise self._unexpected()
        return node

    def _operation(self, power: int) -> Node:
        left = self._invocations(self._term())
        while (found := _POWERS.get(self._peek()[1], 0)) > power and self._peek()[0] != "string":
            sign = self._take()[1]
            left = Operation(sign, left, self._operation(found))
        return left

    def _term(self) -> Node:
        kind, text = self._take()
        if kind == "string":
            return Literal(re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1]))
        if kind == "number":
            return Literal(int(text))
        if text in {"true", "false"}:
            return Literal(text == "true")
        if text == "$this":
            return This()
        if kind == "name":
            return self._named(This(), text)
        if text == "(":
            node = self._operation(0)
            self._expect(")")
            return node
        self._next -= 1
        raise self._unexpected()

    def _invocations(self, node: Node) -> Node:
        while (sign := self._peek()) in {("sign", "."), ("sign", "[")}:
            self._next += 1
            kind, text = self._take()
            if kind != ("name" if sign[1] == "." else "number"):
                self._next -= 1
                raise self._unexpected()
            if sign[1] == ".":
                node = self._named(node, text)
            else:
                self._expect("]")
                node = Item(node, int(text))
        return node

    def _named(self, of: Node, name: str) -> Node:
        if self._peek() != ("sign", "("):
            return Member(of, name)
        self._next += 1
        arguments: list[Node] = []
        while self._peek() != ("sign", ")"):
            if arguments:
                self._expect(",")
            arguments.append(self._operation(0))
        self._next += 1
        return Call(of, name, tuple(arguments))

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._peek() != ("sign", sign):
            raise self._unexpected()
        self._next += 1

    def _unexpected(self) -> PathError:
        found = self._peek()[1]
        return PathError(
            f"path {self._text!r}: {found!r} is unexpected" if found else f"{self._text!r} ends early"
        )


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise PathError(f"path {text!r}: what begins at character {at + 1} is not of the subset")
        tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return tokens
