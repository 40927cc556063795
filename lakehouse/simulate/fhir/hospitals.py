"""Hospitals, each in a time zone of its own, and their units."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "America/Chicago",
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Phoenix",
    "Australia/Sydney",
)
"""Both sides of Greenwich, with daylight saving time and without; midnight exists on every day."""
UNITS = ("icu", "medicine", "surgery")
WITHOUT_ZONE = 4
"""Of every five hospitals the last does not tell its zone: its times carry its offset."""


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital: where it is, and how it writes times."""

    hospital_id: str
    name: str
    zone_name: str
    zone: ZoneInfo
    is_zone_told: bool
    is_writing_utc: bool

    def local_date(self, moment: datetime) -> date:
        """The date on the hospital's calendar."""
        return moment.astimezone(self.zone).date()

    def at(self, day: date, minute: int) -> datetime:
        """The instant of a minute of the hospital's day, in UTC."""
        hour, rest = divmod(minute, 60)
        return datetime(day.year, day.month, day.day, hour, rest, tzinfo=self.zone).astimezone(UTC)

    def write(self, moment: datetime) -> str:
        """An instant as the hospital writes it."""
        if self.is_writing_utc:
            return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        return moment.astimezone(self.zone).isoformat(timespec="seconds")

    def unit_id(self, unit: str) -> str:
        """The id of a unit's Location."""
        return f"{self.hospital_id}-{unit}"


def found(count: int) -> tuple[Hospital, ...]:
    """So many hospitals."""
    return tuple(_found(number) for number in range(count))


def _found(number: int) -> Hospital:
    zone = ZONES[number % len(ZONES)]
    is_zone_told = number % 5 != WITHOUT_ZONE
    return Hospital(
        hospital_id=f"hospital-{number + 1}",
        name=f"{zone.rpartition('/')[2].replace('_', ' ')} General Hospital {number + 1}",
        zone_name=zone,
        zone=ZoneInfo(zone),
        is_zone_told=is_zone_told,
        # What has neither zone nor local times has no calendar at all.
        is_writing_utc=is_zone_told and number % 2 == 1,
    )
