"""Parts of resources: codings, references, narrative, and free text that may carry a canary."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from lakehouse.simulate.fhir.codes import Code
from lakehouse.simulate.fhir.records import Resource

ABSOLUTE = "https://fhir.metriccare.example/r4/"
IDENTIFIER = "https://metriccare.example/identifier/"


@dataclass(frozen=True, slots=True)
class Words:
    """Writes whatever a person wrote or is known by; a canary, if there is one, follows it everywhere."""

    canary: str = ""

    def free(self, text: str) -> str:
        """Free text."""
        return f"{text} {self.canary}" if self.canary else text

    def identifier(self, kind: str, value: str) -> list[dict[str, str]]:
        """An identifier that the hospital gave."""
        return [{"system": f"{IDENTIFIER}{kind}", "value": self.free(value)}]

    def narrative(self, text: str) -> dict[str, str]:
        """The text for people."""
        inner = escape(self.free(text), quote=False)
        return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}

    def note(self, text: str) -> list[dict[str, str]]:
        """An annotation."""
        return [{"text": self.free(text)}]

    def concept(self, *codes: Code) -> dict[str, Any]:
        """A CodeableConcept."""
        return {"coding": [self.coding(code) for code in codes], "text": self.free(codes[0].display)}

    def coding(self, code: Code) -> dict[str, str]:
        """A Coding."""
        return {"system": code.system, "code": code.code, "display": self.free(code.display)}

    def reference(
        self, resource_type: str, resource_id: str, display: str = "", *, is_absolute: bool = False
    ) -> dict[str, str]:
        """A Reference, relative or with the server's address."""
        target = f"{ABSOLUTE if is_absolute else ''}{resource_type}/{resource_id}"
        reference = {"reference": target}
        if display:
            reference["display"] = self.free(display)
        return reference


def bare(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of a code alone."""
    return {"coding": [{"system": system, "code": code}]}


def without_empty(resource: Resource) -> Resource:
    """Without members that hold nothing: FHIR forbids them."""
    return {name: value for name, value in resource.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | Sequence | dict) and len(value) == 0)
