"""The codes that the simulated hospitals use, and what each means for a measure."""

from dataclasses import dataclass
from enum import StrEnum

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ADMIT_SOURCE = "http://terminology.hl7.org/CodeSystem/admit-source"
DIAGNOSIS_ROLE = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"

HOSPITAL_TRANSFER = "hosp-trans"
DIED, AGAINST_ADVICE, HOSPICE, OTHER_HOSPITAL = "exp", "aadvice", "hosp", "other-hcf"


@dataclass(frozen=True, slots=True)
class Code:
    """A code with the words for it."""

    system: str
    code: str
    display: str


class Kind(StrEnum):
    """What a principal diagnosis means for readmission."""

    ACUTE = "acute"
    ELECTIVE = "elective"
    PSYCHIATRIC = "psychiatric"
    REHABILITATION = "rehabilitation"
    CANCER = "cancer"
    CHEMOTHERAPY = "chemotherapy"


def _diagnoses(*rows: tuple[str, str]) -> tuple[Code, ...]:
    return tuple(Code(ICD10CM, code, display) for code, display in rows)


DIAGNOSES: dict[Kind, tuple[Code, ...]] = {
    Kind.ACUTE: _diagnoses(
        ("I21.9", "Acute myocardial infarction, unspecified"),
        ("J18.9", "Pneumonia, unspecified organism"),
        ("I50.9", "Heart failure, unspecified"),
        ("A41.9", "Sepsis, unspecified organism"),
        ("N17.9", "Acute kidney failure, unspecified"),
    ),
    Kind.ELECTIVE: _diagnoses(
        ("M16.11", "Unilateral primary osteoarthritis, right hip"),
        ("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris"),
    ),
    Kind.PSYCHIATRIC: _diagnoses(
        ("F20.9", "Schizophrenia, unspecified"),
        ("F32.2", "Major depressive disorder, single episode, severe without psychotic features"),
    ),
    Kind.REHABILITATION: _diagnoses(("Z51.89", "Encounter for other specified aftercare")),
    Kind.CANCER: _diagnoses(
        ("C34.90", "Malignant neoplasm of unspecified part of unspecified bronchus or lung"),
        ("C50.919", "Malignant neoplasm of unspecified site of unspecified female breast"),
    ),
    Kind.CHEMOTHERAPY: _diagnoses(("Z51.11", "Encounter for antineoplastic chemotherapy")),
}
PALLIATIVE_CARE = Code(ICD10CM, "Z51.5", "Encounter for palliative care")

ALWAYS_PLANNED = (
    Code(ICD10PCS, "30233G0", "Transfusion of autologous bone marrow into peripheral vein"),
    Code(ICD10PCS, "0TY00Z0", "Transplantation of right kidney, allogeneic"),
)
POTENTIALLY_PLANNED: dict[str, Code] = {
    "M16.11": Code(ICD10PCS, "0SR90JZ", "Replacement of right hip joint with synthetic substitute"),
    "I25.10": Code(ICD10PCS, "02703ZZ", "Dilation of coronary artery, one artery, percutaneous approach"),
}
"""By the diagnosis for which it is usually done."""
CENTRAL_LINE = Code(ICD10PCS, "02HV33Z", "Insertion of infusion device into superior vena cava")
URINARY_CATHETER = Code(ICD10PCS, "0T9B70Z", "Drainage of bladder with drainage device")

CDI_TOXIN = Code(LOINC, "34713-8", "Clostridioides difficile toxin A+B [Presence] in Stool")
BLOOD_CULTURE = Code(LOINC, "600-7", "Bacteria identified in Blood by Culture")
URINE_CULTURE = Code(LOINC, "630-4", "Bacteria identified in Urine by Culture")
MRSA = Code(SNOMED, "115329001", "Methicillin resistant Staphylococcus aureus")
E_COLI = Code(SNOMED, "112283007", "Escherichia coli")
DETECTED = Code(SNOMED, "260373001", "Detected")
NOT_DETECTED = Code(SNOMED, "260415000", "Not detected")
POSITIVE = Code(INTERPRETATION, "POS", "Positive")
NEGATIVE = Code(INTERPRETATION, "NEG", "Negative")
