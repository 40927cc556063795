"""What was decided, told in FHIR R4 resources."""
