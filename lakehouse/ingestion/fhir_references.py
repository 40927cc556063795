"""References by `urn:uuid:` within a Bundle: what they name is told beside the resource, whose JSON stays as it came.

In a Bundle, such a URN is the fullUrl of an entry (https://hl7.org/fhir/R4/bundle.html#references). The resource in it
is known by its own id where it has one, also that of a POST: the lake is no server that would give it another. So
nothing has to be told of a resource without an id, which is known by the URN, nor of one whose id is the same.

A reference may come before its entry. A record with a reference that is not known yet waits on disk for the end of
the Bundle; in memory are only the URNs and ids of entries of which the two differ.
"""

import json
import tempfile
from collections.abc import Iterator
from typing import Self

from lakehouse.fhir.references import RESOLVED, parse_reference, urns
from lakehouse.ingestion.fhir_resource import RESOURCE
from lakehouse.ingestion.tabular import Record, Values

_HELD = 1 << 20


class BundleReferences:
    """Of one Bundle; a context, which ends with what waits on disk."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._waiting = tempfile.SpooledTemporaryFile(_HELD, "w+", encoding="utf-8")  # noqa: SIM115 - `__exit__` closes it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.close()

    def learn(self, full_url: object, values: Values) -> None:
        """Take in which resource an entry with this fullUrl holds."""
        kind, key = values.get("resource_type"), values.get("resource_id")
        named = parse_reference(full_url) if isinstance(full_url, str) else None
        if named and named.type is None and kind and key and key != named.id:
            self._named[str(full_url)] = f"{kind}/{key}"

    def ready(self, record: Record) -> Iterator[Record]:
        """The record, if all that it refers to is known by now; else it waits."""
        found = urns(record.values.get(RESOURCE) or "")
        if found <= self._named.keys():
            yield self._told(record, found)
        else:
            self._waiting.write(json.dumps(record) + "\n")

    def waiting(self) -> Iterator[Record]:
        """The records that wait, once every entry is known."""
        self._waiting.seek(0)
        for line in self._waiting:
            record = Record(*json.loads(line))
            yield self._told(record, urns(record.values[RESOURCE] or ""))

    def _told(self, record: Record, found: set[str]) -> Record:
        known = {urn: self._named[urn] for urn in sorted(found & self._named.keys())}
        return record._replace(values={**record.values, RESOLVED: json.dumps(known)}) if known else record
