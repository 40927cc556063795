"""FHIR resources as tables: https://hl7.org/fhir/R4/."""
