"""How hospitals are to be simulated."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from lakehouse.simulate.fhir.faults import Faults

FileFormat = Literal["ndjson", "bundle"]
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Everything that decides what the hospitals deliver; the same values give the same bytes.

    Attributes:
        seed: Of people, their fate, corrections and faults. A person depends on the seed and the hospitals alone: the
            first hundred of a thousand people are those of a population of a hundred.
        patients: How many people are registered.
        hospitals: How many there are, at least 1.
        start: First day on which anybody is admitted.
        months: Calendar months from the start on.
        deliveries: How many times files are delivered, evenly over the time; at least 1.
        vital_signs: Observations of vital signs per patient-day, on average.
        file_format: `ndjson`, a file a resource type and delivery, or `bundle`, a file a delivery.
        is_gzip: Whether files are compressed.
        canary: Text to plant in every free text and identifier, or empty.
        faults: What is wrong with the files.
    """

    seed: int = 1
    patients: int = 1000
    hospitals: int = 5
    start: date = date(2024, 1, 1)
    months: int = 12
    deliveries: int = 30
    vital_signs: float = 1.0
    file_format: FileFormat = "ndjson"
    is_gzip: bool = False
    canary: str = ""
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        for name in ("patients", "hospitals", "months", "deliveries"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be at least 1")
        if self.vital_signs < 0:
            raise ValueError(f"vital_signs is {self.vital_signs}: it must not be negative")

    @property
    def last_day(self) -> date:
        """The last date of any admission or discharge, in local time; somebody is discharged then."""
        months = self.start.year * MONTHS_OF_A_YEAR + self.start.month - 1 + self.months
        year, month = divmod(months, MONTHS_OF_A_YEAR)
        return date(year, month + 1, min(self.start.day, 28)) - timedelta(days=1)

    @property
    def days(self) -> int:
        """Days from the start to the last day, both counted."""
        return (self.last_day - self.start).days + 1
