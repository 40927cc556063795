"""Hospitals and their patients from a seed, told in FHIR R4, with a ledger of what is true.

`hospitals` and `people` → `life` decides when a person is admitted, transferred, readmitted and dies (`stays`,
`causes`), `findings` what is found meanwhile → `resources` tells it in FHIR → `history` adds corrections, errors and
deletions → `delivery` writes files. `ledger` counts the decisions; it reads no FHIR.

FHIR R4: https://hl7.org/fhir/R4/. Codes are the tables of `codes`.
"""
