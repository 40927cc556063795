"""What happens to people, as decided: no FHIR, no measure."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from lakehouse.simulate.fhir.codes import Code, Kind
from lakehouse.simulate.fhir.hospitals import Hospital


@dataclass(frozen=True, slots=True)
class Treatment:
    """A procedure at one time; `status` is FHIR's, such as completed or not-done."""

    code: Code
    day: int
    status: str = "completed"


@dataclass(frozen=True, slots=True)
class Device:
    """A line or catheter in place; `day` and `end_day` count from 0, the day of admission; no end: still there."""

    code: Code
    day: int
    end_day: int | None


@dataclass(frozen=True, slots=True)
class Specimen:
    """A specimen taken on a day (from 0), what was found and whether the finding stands."""

    test: Code
    day: int
    is_positive: bool
    organism: Code | None
    status: str
    is_with_encounter: bool

    @property
    def is_counted(self) -> bool:
        """Whether it is a positive result that stands."""
        return self.is_positive and self.status in {"final", "amended", "corrected"}


@dataclass(slots=True)
class Stay:
    """One encounter as an inpatient; dates are the hospital's; without an end it is open.

    Attributes:
        move_day: The day (from 0) on which the patient is moved to the second unit.
        is_timed: Whether the record tells times of day; else dates alone.
        units: None, one or two, in order.
    """

    encounter_id: str
    hospital: Hospital
    admitted: datetime
    admission_date: date
    discharged: datetime | None
    discharge_date: date | None
    diagnosis: Code
    kind: Kind
    class_code: str
    admit_source: str
    disposition: str = ""
    is_timed: bool = True
    units: tuple[str, ...] = ()
    move_day: int | None = None
    treatments: list[Treatment] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    specimens: list[Specimen] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.discharged is None

    def last_date(self, last_day: date) -> date:
        """The last date that is known to belong to it."""
        return self.discharge_date or last_day

    def days(self, last_day: date) -> int:
        """Days from admission to discharge, or to the last day."""
        return (self.last_date(last_day) - self.admission_date).days

    def date_of(self, day: int) -> date:
        """The date of a day counted from 0."""
        return self.admission_date + timedelta(days=day)

    def location_on(self, day: int) -> str:
        """The unit on a day that is not the day of a move; without units the hospital."""
        if not self.units:
            return self.hospital.hospital_id
        is_moved = self.move_day is not None and day > self.move_day
        return self.hospital.unit_id(self.units[-1 if is_moved else 0])


class Palliative(StrEnum):
    """Whether and when palliative care was recorded."""

    NEVER = "never"
    ON_ADMISSION = "on_admission"
    LATER = "later"


@dataclass(slots=True)
class Episode:
    """Stays that belong together.

    Attributes:
        is_planned: Whether coming was planned, should it be a readmission.
        days_to_next: From discharge to the admission of the next episode; None when there is none.
        is_transferred_in: From a hospital that delivers nothing.
    """

    stays: list[Stay]
    is_planned: bool
    is_transferred_in: bool = False
    days_to_next: int | None = None
    palliative: Palliative = Palliative.NEVER

    @property
    def first(self) -> Stay:
        return self.stays[0]

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    @property
    def is_open(self) -> bool:
        return self.last.is_open


class DeathRecord(StrEnum):
    """How the patient's record tells of the death."""

    NONE = "none"
    DATE = "date"
    TIME = "time"
    MONTH = "month"
    FLAG = "flag"


@dataclass(slots=True)
class Person:
    """A registered person.

    Attributes:
        birth_text: The date of birth as it is written: a date, a month, a year or empty.
        birth_date: The first day that it can mean.
        death_date: Of a death whose date is known from the record or from the stay.
        is_deleted: Registered by mistake: the record is deleted in the end.
    """

    patient_id: str
    number: int
    sex: str
    birth_text: str
    birth_date: date | None
    episodes: list[Episode] = field(default_factory=list)
    death_date: date | None = None
    death_record: DeathRecord = DeathRecord.NONE
    is_vital_status_unknown: bool = False
    is_deleted: bool = False
    coverage: str = ""

    @property
    def stays(self) -> list[Stay]:
        return [stay for episode in self.episodes for stay in episode.stays]

    def death_text(self) -> str:
        """The death as the last hospital writes it; empty where no record tells its date."""
        if self.death_date is None or self.death_record not in {DeathRecord.DATE, DeathRecord.TIME}:
            return ""
        return self._hospital.write(self._died_at) if self._is_timed else self.death_date.isoformat()

    def died_on(self, hospital: Hospital) -> date | None:
        """The date of death on a hospital's calendar; as it is written, where that tells no zone."""
        if not self._is_timed:
            return self.death_date
        return (
            hospital.local_date(self._died_at)
            if hospital.is_zone_told
            else date.fromisoformat(self.death_text()[:10])
        )

    @property
    def _is_timed(self) -> bool:
        return self.death_date is not None and self.death_record is DeathRecord.TIME

    @property
    def _hospital(self) -> Hospital:
        return self.stays[-1].hospital

    @property
    def _died_at(self) -> datetime:
        if self.death_date is None:
            raise ValueError(f"{self.patient_id} is not known to be dead")
        return self._hospital.at(self.death_date, 60 * (self.number % 24))
