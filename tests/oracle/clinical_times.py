"""Dates and times of FHIR, which may say less than a day, and what day it was at a hospital."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PATTERN = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
A_YEAR = 4
A_DAY = 8
EARLIEST_OFFSET = "+14:00"
"""Where a day begins first: what a time without an offset can mean at the earliest (FHIRPath's lowBoundary)."""


@dataclass(frozen=True)
class Moment:
    """What a date or dateTime says: the earliest instant and day it can mean, and its number of digits."""

    instant: datetime
    written_date: date
    digits: int

    @property
    def last_date(self) -> date:
        """The last day that it can mean."""
        if self.digits >= A_DAY:
            return self.written_date
        month = self.written_date.month if self.digits > A_YEAR else 12
        return date(self.written_date.year, month, monthrange(self.written_date.year, month)[1])

    def ends_before(self, start: "Moment") -> bool:
        """Whether, as an end, it cannot but lie before a start."""
        if min(self.digits, start.digits) > A_DAY:
            return self.instant < start.instant
        return self.last_date < start.written_date

    def begin(self, zone: ZoneInfo | None) -> datetime:
        """The instant; without a time of day, when that day begins at a hospital."""
        if self.digits > A_DAY:
            return self.instant
        return datetime.combine(self.written_date, time(), zone or UTC).astimezone(UTC)

    def date_in(self, zone: ZoneInfo | None) -> date:
        """The day at a hospital; as it was written, where the zone or the time is unknown."""
        if zone and self.digits > A_DAY:
            return self.instant.astimezone(zone).date()
        return self.written_date


def moment(text: str | None) -> Moment | None:
    """Read a date, dateTime or instant; raises ValueError for what is none, such as 30 February."""
    if not text:
        return None
    found = PATTERN.fullmatch(text)
    if not found:
        raise ValueError("no date or dateTime of FHIR")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    written = date(int(year), int(month or 1), int(day or 1))
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}.{(fraction or '0')[:6]:0<6}"
    instant = datetime.fromisoformat(f"{written}T{clock}{offset or EARLIEST_OFFSET}")
    parts = (year, month, day, hour, minute, second, fraction and "000")
    return Moment(instant.astimezone(UTC), written, sum(len(part) for part in parts if part))


def whole_years(birth: date, day: date) -> int:
    """Age on a day; who was born on 29 February is a year older on 1 March of other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
