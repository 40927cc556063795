"""References between resources as bare ids: https://hl7.org/fhir/R4/references.html."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_LITERAL = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?")
_URN = re.compile(r"urn:(?:uuid|oid):(?P<id>[A-Za-z0-9\-.]{1,64})")
_WRITTEN = re.compile(r'("reference"\s*:\s*")(urn:(?:uuid|oid):[A-Za-z0-9\-.]{1,64})(?=")')

RESOLVED = "resolved_references"
"""Column of bronze: a JSON object of what such URNs name in their Bundle."""


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

    The id of a `urn:uuid:` is the uuid, by which a resource with that fullUrl is known that has no id of its own. Of an
    absolute URL the end counts: one lake holds the resources of one source. What names no resource of its own, such as
    `#contained` or a search, is kept as it is: no id is written so, and nothing is found.
    `stated` is the reference's own member `type`.
    """
    reference = parse_reference(text) or Reference(None, text)
    kind = reference.type or stated
    return reference.id if wanted is None or kind is None or kind == wanted else None


def urns(resource: str) -> set[str]:
    """The `urn:uuid:` and `urn:oid:` that the references in a resource's JSON are to."""
    return {urn for _, urn in _WRITTEN.findall(resource)} if "urn:" in resource else set()


def with_resolved(resource: str, resolved: Mapping[str, str]) -> str:
    """A resource's JSON with other references in place of such URNs, as far as they are told."""
    return _WRITTEN.sub(lambda found: found[1] + resolved.get(found[2], found[2]), resource)
