"""What a hostile file is: its name and bytes, and what must become of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lakehouse.ingestion.tabular import Record

UTF_8 = "save the file as UTF-8 and deliver it again"


@dataclass(frozen=True)
class Hostile:
    """A file, and the rows that it has or the reason why it is refused. `content` is made when it is asked for."""

    content: Callable[[], bytes]
    file: str
    rows: tuple[Record, ...] = ()
    reason: str = ""


def rows_of(*values: Mapping[str, str | None], sheet: str = "", first: int = 2) -> tuple[Record, ...]:
    """Records of consecutive rows."""
    return tuple(Record(sheet, number, dict(each)) for number, each in enumerate(values, start=first))


def text(content: str | bytes, *rows: Mapping[str, str | None], encoding: str = "utf-8") -> Hostile:
    """A CSV file that loads."""
    return Hostile(
        lambda: content if isinstance(content, bytes) else content.encode(encoding), "day.csv", rows_of(*rows)
    )


def refused(reason: str, content: bytes | Callable[[], bytes], file: str = "day.csv") -> Hostile:
    """A file that is refused, for this reason to the letter."""
    return Hostile(content if callable(content) else lambda: content, file, reason=reason)
