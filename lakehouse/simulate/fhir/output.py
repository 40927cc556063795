"""A text file that many pieces are added to over a long time, compressed or not."""

import zlib
from pathlib import Path

BUFFERED = 1 << 16
GZIP = 16 + zlib.MAX_WBITS


class File:
    """A text file that is only open while it is written to; `pieces` is for who writes to count with."""

    def __init__(self, directory: Path, name: str, *, is_gzip: bool) -> None:
        """Replace the file of that name, relative to the directory, by an empty one."""
        self.name = name
        self._path = directory / name
        self.pieces = 0
        self._text: list[str] = []
        self._size = 0
        # Written through zlib, the header holds no time and no name: the same text gives the same bytes.
        self._compressor = zlib.compressobj(wbits=GZIP) if is_gzip else None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(b"")

    def write(self, text: str) -> None:
        """Add text."""
        self._text.append(text)
        self._size += len(text)
        if self._size > BUFFERED:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        if self._compressor:
            self._append(self._compressor.flush())

    def _flush(self) -> None:
        content = "".join(self._text).encode()
        self._text, self._size = [], 0
        self._append(self._compressor.compress(content) if self._compressor else content)

    def _append(self, content: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(content)
