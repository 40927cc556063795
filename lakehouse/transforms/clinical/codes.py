"""Code systems and codes of FHIR that the measures name.

Discharge disposition: https://terminology.hl7.org/CodeSystem-discharge-disposition.html
Admit source: https://terminology.hl7.org/CodeSystem-admit-source.html
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.fhir.value_set import pattern

DIED = "exp"
AGAINST_ADVICE = "aadvice"
HOSPICE = "hosp"
TRANSFERRED_OUT = "other-hcf"
TRANSFERRED_IN = "hosp-trans"


def first_token(codes: Column, system: str) -> Column:
    """The first token `system|code` of a code system among those separated by spaces; null where there is none."""
    found = F.regexp_extract(codes, rf"(?:^| )(\Q{system}|\E\S+)", 1)
    return F.nullif(found, F.lit(""))


def is_in(codes: Column, *names: str) -> Column:
    """Whether one of the tokens `system|code`, separated by spaces, is in one of the value sets; never null."""
    return F.coalesce(codes.rlike(pattern(*names)), F.lit(False))


def is_error(verification_status: Column) -> Column:
    """Whether a condition was entered in error, as a bare code or a token; never null."""
    return F.coalesce(verification_status.rlike(r"(?:^|\|)entered-in-error$"), F.lit(False))
