"""References between resources as bare ids: https://hl7.org/fhir/R4/references.html."""

import re
from typing import NamedTuple

_LITERAL = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?")
_URN = re.compile(r"urn:(?:uuid|oid):(?P<id>[A-Za-z0-9\-.]{1,64})")


class Reference(NamedTuple):
    """What a reference names; `type` is None where the reference does not tell."""

    type: str | None
    id: str


def parse_reference(text: str) -> Reference | None:
    """Of `Type/id`, of a URL that ends so, with or without a version, and of a `urn:`; None of anything else."""
    if found := _LITERAL.fullmatch(text):
        return Reference(found["type"], found["id"])
    if found := _URN.fullmatch(text):
        return Reference(None, found["id"])
    return None


def reference_key(text: str, stated: str | None, wanted: str | None) -> str | None:
    """The id that a reference names; None where it is to another type than `wanted`.

    The id of a `urn:uuid:` is the uuid, which in a Bundle is the id of the resource with that fullUrl. Of an absolute
    URL the end counts: one lake holds the resources of one source. What names no resource of its own, such as
    `#contained` or a search, is kept as it is: no id is written so, and nothing is found.
    `stated` is the reference's own member `type`.
    """
    reference = parse_reference(text) or Reference(None, text)
    kind = reference.type or stated
    return reference.id if wanted is None or kind is None or kind == wanted else None
