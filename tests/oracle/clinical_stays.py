"""Stays of patients in hospitals, and the episodes that they form."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tests.oracle.clinical_files import Delivered, Resource, at, moment_at, referred_id
from tests.oracle.clinical_times import A_DAY, Moment, moment, whole_years

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
BANDS = ((17, "0-17"), (44, "18-44"), (64, "45-64"), (74, "65-74"), (84, "75-84"), (999, "85+"))
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Stay:
    """An inpatient encounter; without an end it is open."""

    encounter_id: str
    patient_id: str
    hospital_id: str
    zone: ZoneInfo | None
    start: datetime
    end: datetime | None
    is_start_timed: bool
    is_end_timed: bool
    admitted: date
    discharged: date | None
    diagnosis: str | None
    source: str | None
    disposition: str | None
    resource: Resource

    @property
    def ends_at(self) -> datetime:
        return self.end or NEVER

    def contains(self, day: date) -> bool:
        return self.admitted <= day <= (self.discharged or date.max)


@dataclass
class Episode:
    """Stays that follow each other by transfer."""

    stays: list[Stay] = field(default_factory=list)

    @property
    def first(self) -> Stay:
        return self.stays[0]

    @property
    def last(self) -> Stay:
        """The stay that ends last, one that ends in death before all others."""
        return max(self.stays, key=lambda stay: (stay.disposition == "exp", stay.ends_at))

    @property
    def is_open(self) -> bool:
        return self.last.end is None


@dataclass
class Patient:
    """A patient and all episodes, in order."""

    patient_id: str
    birth: date | None
    sex: str
    episodes: list[Episode]
    deceased: Moment | None
    discharged_dead: date | None
    is_vital_status_unknown: bool

    @property
    def stays(self) -> list[Stay]:
        return [stay for episode in self.episodes for stay in episode.stays]

    def died(self, zone: ZoneInfo | None) -> date | None:
        """The day of death where a hospital is: as recorded, else by the discharge."""
        if self.deceased and self.deceased.digits >= A_DAY:
            return self.deceased.date_in(zone)
        return self.discharged_dead

    def band(self, day: date) -> str:
        """The age band on a day."""
        age = whole_years(self.birth, day) if self.birth else -1
        return "unknown" if age < 0 else next(name for oldest, name in BANDS if age <= oldest)


def patients(delivered: Delivered) -> list[Patient]:
    """Everybody who is registered, in the order of their ids."""
    stays: dict[str, list[Stay]] = {}
    for encounter_id, encounter in sorted(delivered.of("Encounter").items()):
        if stay := _stay(encounter_id, encounter, delivered):
            stays.setdefault(stay.patient_id, []).append(stay)
    return [
        _patient(patient_id, resource, episodes(stays.get(patient_id, [])))
        for patient_id, resource in sorted(delivered.of("Patient").items())
    ]


def end_of_data(everybody: list[Patient]) -> date:
    """The latest day of any admission or discharge."""
    days = [day for one in everybody for stay in one.stays for day in (stay.admitted, stay.discharged) if day]
    return max(days, default=date.min)


def episodes(stays: list[Stay]) -> list[Episode]:
    """A patient's stays, joined where one goes over into the next."""
    found: list[Episode] = []
    known = {one.encounter_id for one in stays}
    wholes = [one for one in stays if _whole_of(one) not in known - {one.encounter_id}]
    for stay in sorted(wholes, key=lambda one: (one.start, one.ends_at, one.encounter_id)):
        if found and _joins(found[-1], stay):
            found[-1].stays.append(stay)
        else:
            found.append(Episode([stay]))
    return found


def _whole_of(stay: Stay) -> str | None:
    """The encounter that a stay is part of."""
    return referred_id(stay.resource.get("partOf"))


def _joins(episode: Episode, stay: Stay) -> bool:
    if any(one.disposition == "exp" for one in episode.stays):
        return False
    before = max(episode.stays, key=lambda one: one.ends_at)
    if before.discharged is None or before.end is None:
        return True
    days = (stay.admitted - before.discharged).days
    are_timed = before.is_end_timed and stay.is_start_timed
    if stay.start < before.end if are_timed else days < 0:
        return True
    if stay.hospital_id != before.hospital_id:
        return days <= 1
    return days == 0 and stay.diagnosis is not None and stay.diagnosis == before.diagnosis


def _patient(patient_id: str, resource: Resource, found: list[Episode]) -> Patient:
    birth = moment(resource.get("birthDate"))
    deceased = moment(resource.get("deceasedDateTime"))
    in_hospital = [
        one.last.discharged for one in found if one.last.disposition == "exp" and one.last.discharged
    ]
    is_dated = bool(in_hospital) or (deceased is not None and deceased.digits >= A_DAY)
    is_dead = bool(deceased) or resource.get("deceasedBoolean") is True
    return Patient(
        patient_id=patient_id,
        birth=birth.written_date if birth else None,
        sex=resource.get("gender") or "unknown",
        episodes=found,
        deceased=deceased,
        discharged_dead=min(in_hospital, default=None),
        is_vital_status_unknown=is_dead and not is_dated,
    )


def _stay(encounter_id: str, encounter: Resource, delivered: Delivered) -> Stay | None:
    """The encounter as a stay; None for one that is no inpatient's, was not, or is of nobody or nowhere."""
    start, end = moment_at(encounter, "period.start"), moment_at(encounter, "period.end")
    patient_id = referred_id(encounter.get("subject")) or ""
    hospital_id = referred_id(encounter.get("serviceProvider"))
    is_inpatient = at(encounter, "class.code") in {"IMP", "ACUTE"}
    if (
        not (is_inpatient and start and hospital_id)
        or encounter.get("status") not in {"finished", "in-progress", "onleave"}
        or ("Patient", patient_id) not in delivered.resources
    ):
        return None
    if encounter["status"] != "finished":
        end = None
    zone = _zone(delivered.resources.get(("Organization", hospital_id)))
    admitted = start.date_in(zone)
    return Stay(
        encounter_id=encounter_id,
        patient_id=patient_id,
        hospital_id=hospital_id,
        zone=zone,
        start=start.begin(zone),
        end=max(start.begin(zone), end.begin(zone)) if end else None,
        is_start_timed=start.digits > A_DAY,
        is_end_timed=end is not None and end.digits > A_DAY,
        admitted=admitted,
        discharged=max(admitted, end.date_in(zone)) if end else None,
        diagnosis=_principal_diagnosis(encounter, delivered),
        source=_code(at(encounter, "hospitalization.admitSource")),
        disposition=_code(at(encounter, "hospitalization.dischargeDisposition")),
        resource=encounter,
    )


def _zone(organization: Resource | None) -> ZoneInfo | None:
    extensions = (organization or {}).get("extension", [])
    names = [one["valueCode"] for one in extensions if one["url"] == TIME_ZONE]
    return ZoneInfo(names[0]) if names else None


def _principal_diagnosis(encounter: Resource, delivered: Delivered) -> str | None:
    entries = [
        (_code(one.get("use")), one.get("rank") == 1, one["condition"])
        for one in encounter.get("diagnosis", [])
    ]
    best = [("DD", True), ("billing", True), ("DD", False), ("billing", False), (None, True)]
    principal = [
        *(condition for kind in best for use, is_first, condition in entries if (use, is_first) == kind),
        *(condition for _, is_first, condition in entries if is_first),
    ]
    if not principal:
        return None
    condition = delivered.resources.get(("Condition", referred_id(principal[0]) or ""))
    if condition is None or is_error(condition):
        return None
    return next((code for code in tokens(condition.get("code")) if code.startswith(ICD10CM)), None)


def is_error(condition: Resource) -> bool:
    """Whether a condition was entered in error."""
    return _code(condition.get("verificationStatus")) == "entered-in-error"


def tokens(concept: Resource | None) -> list[str]:
    """The codes of a CodeableConcept, as `system|code`."""
    return [
        f"{one.get('system', '')}|{one['code']}" for one in (concept or {}).get("coding", ()) if "code" in one
    ]


def _code(concept: Resource | None) -> str | None:
    return next((one["code"] for one in (concept or {}).get("coding", ()) if "code" in one), None)
