"""How a resource comes to be what it is: first told wrong, told twice, told late, or told by mistake and deleted."""

import copy
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from lakehouse.simulate.fhir.codes import NEGATIVE, POSITIVE
from lakehouse.simulate.fhir.records import Record, Resource

CORRECTED_SHARE = 0.08
REPEATED_SHARE = 0.02
LATE_SHARE = 0.03
OVERTAKEN_SHARE = 0.3
"""Of the versions that are not the last: how many are late, often later than what follows them."""
ERROR_SHARE = 0.5
"""Of the mistakes that can say so: how many become entered-in-error instead of being deleted."""
WITHOUT_META_SHARE = 0.02
SAME_TIME_SHARE = 0.2
"""Of the corrections: within the same millisecond, so that only the number of the version tells which is newer."""


class History:
    """Makes records of resources; what is delivered last and best is the resource that was given."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def tell(
        self, resource: Resource, at: datetime, *, before: Resource | None = None, is_dated: bool = False
    ) -> Iterator[Record]:
        """Records that end in the resource.

        Args:
            resource: What is true.
            at: When the first version came to be, in UTC.
            before: A first version that there must be; else there is a wrong one now and then.
            is_dated: Whether the version must tell its time: without it, it would be newer than a deletion.
        """
        rng = self._rng
        if before is None and rng.random() < CORRECTED_SHARE:
            before = _wrong(rng, resource)
        if before is None:
            yield from self._single(resource, at, is_dated=is_dated)
            return
        first = rng.choice((1, 9))
        later = at + timedelta(minutes=rng.randrange(1, 10 * 24 * 60))
        if rng.random() < SAME_TIME_SHARE:
            later = at
        yield from self._delivered(before, at, first, late_share=OVERTAKEN_SHARE)
        yield from self._delivered(resource, later, first + 1)

    def tell_by_mistake(self, resource: Resource, at: datetime) -> Iterator[Record]:
        """Records that end in a deletion, or in a version that says it was an error."""
        rng = self._rng
        later = at + timedelta(minutes=rng.randrange(1, 10 * 24 * 60))
        if rng.random() < ERROR_SHARE and resource["resourceType"] in {
            "Encounter",
            "Observation",
            "Procedure",
        }:
            yield from self._delivered(resource, at, 1, late_share=OVERTAKEN_SHARE)
            yield from self._delivered({**resource, "status": "entered-in-error"}, later, 2)
            return
        # A late version comes after the deletion, and stays deleted.
        yield from self._delivered(resource, at, 1, late_share=OVERTAKEN_SHARE)
        yield deletion(resource, later)

    def _single(self, resource: Resource, at: datetime, *, is_dated: bool) -> Iterator[Record]:
        if not is_dated and self._rng.random() < WITHOUT_META_SHARE:
            yield Record(resource["resourceType"], resource["id"], at, resource)
        else:
            yield from self._delivered(resource, at, 1)

    def _delivered(
        self, resource: Resource, at: datetime, version: int, late_share: float = LATE_SHARE
    ) -> Iterator[Record]:
        rng = self._rng
        updated = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {
            "resourceType": resource["resourceType"],
            "id": resource["id"],
            "meta": {"versionId": str(version), "lastUpdated": updated},
            **resource,
        }
        late = rng.randint(1, 4) if rng.random() < late_share else 0
        yield Record(resource["resourceType"], resource["id"], at, told, late)
        if rng.random() < REPEATED_SHARE:
            yield Record(resource["resourceType"], resource["id"], at, told, late + rng.randint(1, 3))


def deletion(resource: Resource, at: datetime) -> Record:
    """That there is no such resource any more."""
    return Record(resource["resourceType"], resource["id"], at, None)


def _wrong(rng: random.Random, resource: Resource) -> Resource | None:
    mistakes = _MISTAKES.get(resource["resourceType"])
    if not mistakes:
        return None
    wrong = copy.deepcopy(resource)
    return wrong if rng.choice(mistakes)(wrong) else None


def _under_way(encounter: Resource) -> bool:
    if encounter["status"] != "finished":
        return False
    encounter["status"] = "in-progress"
    encounter["period"].pop("end", None)
    encounter.get("hospitalization", {}).pop("dischargeDisposition", None)
    return True


def _outpatient(encounter: Resource) -> bool:
    encounter["class"]["code"] = "AMB"
    return True


def _died(encounter: Resource) -> bool:
    disposition = encounter.get("hospitalization", {}).get("dischargeDisposition")
    if not disposition:
        return False
    is_dead = disposition["coding"][0]["code"] == "exp"
    disposition["coding"][0]["code"] = "home" if is_dead else "exp"
    return True


def _ten_days_longer(encounter: Resource) -> bool:
    end = encounter["period"].get("end")
    if not end or "T" not in end:
        return False
    encounter["period"]["end"] = (datetime.fromisoformat(end) + timedelta(days=10)).isoformat()
    return True


def _other_sex(patient: Resource) -> bool:
    patient["gender"] = "male" if patient.get("gender") == "female" else "female"
    return True


def _other_birth(patient: Resource) -> bool:
    patient["birthDate"] = "1990-06-15"
    return True


def _alive(patient: Resource) -> bool:
    return bool(patient.pop("deceasedDateTime", None) or patient.pop("deceasedBoolean", None))


def _preliminary(observation: Resource) -> bool:
    observation["status"] = "preliminary"
    return True


def _other_result(observation: Resource) -> bool:
    if "interpretation" not in observation:
        return False
    coding = observation["interpretation"][0]["coding"][0]
    coding["code"] = NEGATIVE.code if coding["code"] == POSITIVE.code else POSITIVE.code
    return True


def _not_done(procedure: Resource) -> bool:
    procedure["status"] = "not-done" if procedure["status"] == "completed" else "completed"
    return True


def _other_diagnosis(condition: Resource) -> bool:
    condition["code"]["coding"][0]["code"] = "R69"
    return True


_MISTAKES: dict[str, tuple[Callable[[Resource], bool], ...]] = {
    "Encounter": (_under_way, _under_way, _outpatient, _died, _ten_days_longer),
    "Patient": (_other_sex, _other_birth, _alive),
    "Observation": (_preliminary, _other_result),
    "Procedure": (_not_done,),
    "Condition": (_other_diagnosis,),
}
