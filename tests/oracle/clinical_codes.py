"""Which codes the measures mean, written down a second time from docs and code systems, not from the product."""

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm|"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10|"
LOINC = "http://loinc.org|"
POSITIVE = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation|POS"
MRSA = "http://snomed.info/sct|115329001"
POSITIVE_VALUES = {
    MRSA,
    "http://snomed.info/sct|10828004",
    "http://snomed.info/sct|260373001",
    f"{LOINC}LA6576-8",
    f"{LOINC}LA11882-0",
}
"""What says so of a result without an interpretation."""
CDI_TEST = f"{LOINC}34713-8"
BLOOD_CULTURE = f"{LOINC}600-7"
URINE_CULTURE = f"{LOINC}630-4"
CENTRAL_LINE = f"{ICD10PCS}02HV33Z"
URINARY_CATHETER = f"{ICD10PCS}0T9B70Z"
PALLIATIVE_CARE = f"{ICD10CM}Z51.5"

NOT_AN_INDEX = {"psychiatric": ("F2", "F3"), "rehabilitation": ("Z50", "Z51.89"), "cancer": ("C",)}
"""Reason → how the codes of ICD-10-CM begin that a readmission is not counted after."""
ACUTE = ("I21", "J18", "I50", "A41", "N17")
PLANNED_DIAGNOSES = ("Z51.11", "Z51.12", "Z50", "Z51.89")
PLANNED_PROCEDURES = {f"{ICD10PCS}30233G0", f"{ICD10PCS}0TY00Z0"}
POTENTIALLY_PLANNED_PROCEDURES = {f"{ICD10PCS}0SR90JZ", f"{ICD10PCS}02703ZZ"}


def is_of(diagnosis: str | None, beginnings: tuple[str, ...]) -> bool:
    """Whether a token of ICD-10-CM begins with one of these codes."""
    return diagnosis is not None and diagnosis.removeprefix(ICD10CM).startswith(beginnings)
