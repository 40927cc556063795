"""Reads a query word by word."""

import re
from collections.abc import Collection

from local_aws.logs.errors import MalformedQueryError
from local_aws.logs.tokens import Token, tokens


class Reader:
    """Where the reading of a query stands.

    Raises:
        MalformedQueryError: From every method that takes a word, if the next one is another.
    """

    def __init__(self, query: str) -> None:
        self._tokens = tokens(query)
        self._at = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.next
        self._at += token.kind != "end"
        return token

    def wrong(self, wanted: str) -> MalformedQueryError:
        """The error that something else was wanted than the next word."""
        token = self.next
        found = token.value or "the end"
        message = f"unexpected {found} at offset {token.start}: {wanted} is supported here"
        return MalformedQueryError(message, token.start, token.end)

    def took(self, word: str) -> bool:
        """Take the next word if it is this one, in any case."""
        return self._took("name", word)

    def took_sign(self, sign: str) -> bool:
        return self._took("sign", sign)

    def _took(self, kind: str, value: str) -> bool:
        found = self.next.kind == kind and self.next.value.lower() == value
        self._at += found
        return found

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise self.wrong(word)

    def expect_sign(self, sign: str) -> None:
        if not self.took_sign(sign):
            raise self.wrong(sign)

    def sign(self, allowed: Collection[str]) -> str:
        if self.next.kind != "sign" or self.next.value not in allowed:
            raise self.wrong(f"one of {' '.join(sorted(allowed))}")
        return self.take().value

    def field(self) -> str:
        """A field's name; what follows it is no argument list."""
        if self.next.kind not in {"name", "quoted"}:
            raise self.wrong("a field")
        name = self.take()
        if name.kind == "name" and self.next.kind == "sign" and self.next.value == "(":
            raise self.wrong("no function")
        return name.value

    def fields(self) -> list[str]:
        """Names of fields between commas."""
        found = [self.field()]
        while self.took_sign(","):
            found.append(self.field())
        return found

    def text(self) -> str:
        return self._of_kind("text", "text in quotes")

    def number(self) -> str:
        return self._of_kind("number", "a number")

    def pattern(self) -> re.Pattern[str]:
        token = self.next
        text = self._of_kind("pattern", "a regular expression between slashes")
        try:
            return re.compile(text)
        except re.error as error:
            message = f"invalid regular expression /{text}/: {error}"
            raise MalformedQueryError(message, token.start, token.end) from error

    def _of_kind(self, kind: str, wanted: str) -> str:
        if self.next.kind != kind:
            raise self.wrong(wanted)
        return self.take().value
