"""A JSON document as a stream: each value, and exactly the characters it is written in, without holding the whole."""

import codecs
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from lakehouse.ingestion.json_lines import MAX_LINE
from lakehouse.ingestion.tabular import UnreadableFileError

MAX_VALUE = MAX_LINE
"""Characters of one value, which is held whole in memory."""

_CHUNK = 1 << 20
_BLANKS = " \t\r\n"
# What `json_object` refuses is found later, value by value; here only where a value ends is looked for.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)


class JsonText:
    """The text of a document and a place in it. Bytes that are no UTF-8 are lone surrogates (`surrogateescape`).

    Every method raises UnreadableFileError where the document breaks off or is no JSON.
    """

    def __init__(self, content: BinaryIO | io.RawIOBase) -> None:
        self._content = content
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text = ""
        self._at = 0
        self._dropped = 0
        self._marked: int | None = None
        self._ended = False
        self._more(_CHUNK)
        if self._text.startswith("\ufeff"):
            self._at = 1

    @property
    def place(self) -> int:
        """Characters of the document before this place."""
        return self._dropped + self._at

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._text):
                if (character := self._text[self._at]) not in _BLANKS:
                    return character
                self._at += 1
            if self._ended:
                return ""
            self._more(_CHUNK)

    def skip(self, expected: str) -> None:
        """Go over one character that is not blank, which must be one of `expected`."""
        if (found := self.peek()) == "" or found not in expected:
            raise self.broken(f"{' or '.join(expected)} is missing")
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The value that begins here, and its text."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if self._ended:
                    raise self.broken("it breaks off, or is no JSON") from None
            else:
                # A number at the end of what is read may go on.
                if end < len(self._text) or self._ended:
                    text = self._text[self._at : end]
                    self._at = end
                    return value, text
            if (held := len(self._text) - self._at) > MAX_VALUE:
                raise self.broken(
                    f"it is no JSON, or a value is longer than {MAX_VALUE >> 20} Mi characters (does a Bundle name its"
                    " resourceType before its entries?)"
                )
            self._more(max(_CHUNK, held))

    def members(self) -> Iterator[str]:
        """The names of the object that begins here; who iterates takes each name's value before the next."""
        self.skip("{")
        if self.peek() == "}":
            self.skip("}")
            return
        while True:
            if self.peek() != '"':
                raise self.broken('" is missing')
            name, _ = self.value()
            self.skip(":")
            yield name
            if self._last("}"):
                return

    def elements(self) -> Iterator[int]:
        """The places, from 0, of the array that begins here; who iterates takes each value before the next."""
        self.skip("[")
        if self.peek() == "]":
            self.skip("]")
            return
        number = 0
        while True:
            yield number
            if self._last("]"):
                return
            number += 1

    def mark(self) -> None:
        """Keep what follows in memory, to go back to this place."""
        self._marked = self._at

    def rewind(self) -> None:
        """Go back to the mark, which is then gone."""
        self._at, self._marked = self._marked or 0, None

    def broken(self, fault: str) -> UnreadableFileError:
        """The error of a document that cannot be read on, at this place."""
        return UnreadableFileError(
            f"the document cannot be read after character {self.place}: {fault}; deliver it again, whole"
        )

    def _last(self, closing: str) -> bool:
        is_last = self.peek() == closing
        self.skip(f",{closing}")
        return is_last

    def _more(self, size: int) -> None:
        gone = self._at if self._marked is None else self._marked
        data = self._content.read(size) or b""
        self._ended = not data
        self._text = self._text[gone:] + self._decode(data, final=self._ended)
        self._dropped += gone
        self._at -= gone
        if self._marked is not None:
            self._marked = 0
