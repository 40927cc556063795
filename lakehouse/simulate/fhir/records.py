"""Records as they are delivered: resources in a version, and deletions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """A version of a resource, or its deletion when `resource` is None.

    Attributes:
        updated: When it came to be; the delivery after it brings it.
        deliveries_late: By how many deliveries it misses that one.
    """

    resource_type: str
    resource_id: str
    updated: datetime
    resource: Resource | None
    deliveries_late: int = 0
