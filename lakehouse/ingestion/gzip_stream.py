"""Inflate gzip: as GzipFile does, but a broken file is refused with the byte at which it breaks, and so is a bomb."""

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

from lakehouse.ingestion.tabular import UnreadableFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RATIO = 200
"""Inflated bytes by compressed byte. Repetitive tables reach 50; deflate cannot exceed 1,032, which only bombs near."""
RATIO_COUNTS_ABOVE = 16 << 20
"""Inflated bytes that are harmless at any ratio."""

_CHUNK = 1 << 20
_GZIP = 31  # zlib's code for a gzip header and the largest window


class GzipStream(io.RawIOBase):
    """The inflated bytes of a file of one or several gzip members; zeros behind them are padding."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._offset = 0  # bytes of the file that were read
        self._begin = 0  # where the member begins
        self._inflated = 0
        self._waiting = b""
        self._member = zlib.decompressobj(_GZIP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._member.eof and not self._next_member():
                return 0
            if not self._waiting:
                self._waiting = self._read()
            ended = not self._waiting
            if data := self._inflate(len(view)):
                view[: len(data)] = data
                return len(data)
            if ended and not self._member.eof:
                raise UnreadableFileError(
                    f"the gzip data breaks off after byte {self._offset}: deliver the file again"
                )

    def _read(self) -> bytes:
        data = self._content.read(_CHUNK)
        self._offset += len(data)
        return data

    def _next_member(self) -> bool:
        """Go to what follows a member; False where that is nothing but padding."""
        rest = self._member.unused_data
        while not (rest := rest.lstrip(b"\0")):
            if not (rest := self._read()):
                return False
        self._begin = self._offset - len(rest)
        self._waiting = rest
        self._member = zlib.decompressobj(_GZIP)
        return True

    def _inflate(self, size: int) -> bytes:
        try:
            data = self._member.decompress(self._waiting, size)
        except zlib.error as error:
            what = "is followed by something else" if self._begin else "is broken"
            raise UnreadableFileError(
                f"the gzip data {what}, in what begins at byte {self._begin + 1}: deliver the file again"
            ) from error
        self._waiting = self._member.unconsumed_tail
        self._inflated += len(data)
        if self._inflated > max(RATIO_COUNTS_ABOVE, MAX_RATIO * self._offset):
            raise UnreadableFileError(
                f"the gzip data inflates to more than {MAX_RATIO} times its size: deliver the file uncompressed"
            )
        return data
