"""What can be wrong with delivered files, each a switch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from lakehouse.simulate.fault_texts import named_values


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Every fault off by default. A faulty record is one more, of a resource that is not otherwise there.

    So the measures are the same with faults and without. Rates are of the records, of files for the last two.
    """

    invalid_json: float = 0.0
    """Lines that are cut off; where bundles are delivered, they come in NDJSON files of their own."""
    wrong_resource_type: float = 0.0
    """Encounters whose resourceType no release of FHIR knows."""
    missing_subject: float = 0.0
    """Encounters of nobody."""
    dangling_reference: float = 0.0
    """Encounters of a patient who is never delivered."""
    impossible_date: float = 0.0
    """Encounters that begin on 30 February."""
    end_before_start: float = 0.0
    """Encounters that end the day before they begin."""
    xml_file: float = 0.0
    """Files of XML named as if they were JSON."""
    truncated_bundle: float = 0.0
    """Bundles that end in the midst of an entry."""

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Faults such as `invalid_json=0.001`; raises ValueError for an unknown one or no share, and says which."""
        known = [field.name for field in fields(cls)]
        values: dict[str, float] = {}
        for name, value in named_values(texts, known):
            try:
                values[name] = float(value)
            except ValueError as error:
                raise ValueError(f"fault {name} is {value!r}: give a share such as {name}=0.001") from error
        return cls(**values)

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if not (math.isfinite(share) and 0 <= share <= 1):
                raise ValueError(f"fault {field.name} is {share}: a share is from 0 to 1")
