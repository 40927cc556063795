"""Words of a query."""

import re
from dataclasses import dataclass

from local_aws.logs.errors import MalformedQueryError

_WORDS = re.compile(
    r"""(?P<blank> \s+ | \#[^\n]* )
      | (?P<text> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
      | (?P<pattern> /(?:\\.|[^/\\\n])+/ )
      | (?P<quoted> `[^`]+` )
      | (?P<number> -?\d+(?:\.\d+)?(?![\w@.]) )
      | (?P<name> [@A-Za-z_][\w@.]* )
      | (?P<sign> != | <= | >= | =~ | [=<>|,()*] )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Token:
    """One word.

    Attributes:
        kind: ``text``, ``pattern``, ``number``, ``name``, ``quoted`` (a name in backticks), ``sign`` or ``end``.
        value: Without its quotes.
        start, end: Where it stands in the query.
    """

    kind: str
    value: str
    start: int
    end: int


def tokens(query: str) -> list[Token]:
    """The words of a query, and one of kind ``end``.

    Raises:
        MalformedQueryError: Something in it is no word.
    """
    found, at = [], 0
    while at < len(query):
        word = _WORDS.match(query, at)
        if word is None:
            raise MalformedQueryError(f"unexpected symbol found {query[at]} at offset {at}", at, at + 1)
        kind = str(word.lastgroup)
        if kind != "blank":
            found.append(Token(kind, _value(kind, word[0]), at, word.end()))
        at = word.end()
    return [*found, Token("end", "", len(query), len(query))]


def _value(kind: str, word: str) -> str:
    if kind == "text":
        return _ESCAPED.sub(r"\1", word[1:-1])
    return word[1:-1] if kind in {"pattern", "quoted"} else word
