"""Mutations of FHIR files: each loads or is refused, and what loads can be written and read again.

`python -m tests.lakehouse.ingestion.test_fuzz_fhir 100000` tries more of them.
"""

import json
import sys
from random import Random

import pytest

from lakehouse.ingestion import json_text
from lakehouse.ingestion.json_lines import MALFORMED
from lakehouse.ingestion.tabular import UnreadableFileError
from tests.lakehouse.ingestion.fuzz import MUTATIONS
from tests.lakehouse.ingestion.reading import read

RESOURCES = (
    b'{"resourceType":"Patient","id":"p1","meta":{"versionId":"1"},"name":[{"family":"\\ud83d\\ude00 \xc3\xa9"}]}',
    b'{"resourceType":"Observation","id":"o1","valueQuantity":{"value":-1.50e+3,"code":"mg"},"x":[true,false,null]}',
)
ENTRIES = b",".join(b'{"fullUrl":"urn:uuid:1","resource":%s}' % each for each in RESOURCES)
GONE = b'{"request":{"method":"DELETE","url":"Patient/p9"},"response":{"etag":"W/\\"3\\""}}'
FILES = (
    ("a.ndjson", b"\n".join(RESOURCES)),
    ("a.json", RESOURCES[0]),
    ("a.json", b"[%s,%s]" % RESOURCES),
    (
        "a.json",
        b'{"resourceType":"Bundle","type":"transaction","entry":[%s,%s],"total":12}' % (ENTRIES, GONE),
    ),
    (
        "a.json",
        b'{"entry":[%s,%s],"timestamp":"2025-01-01T00:00:00Z","resourceType":"Bundle"}' % (GONE, ENTRIES),
    ),
)


def fuzz(seed: int, count: int) -> dict[str, int]:
    """How many mutations loaded and how many were refused; raises what a reader must not raise."""
    told = {"loaded": 0, "refused": 0}
    for number in range(count):
        random = Random(f"{seed}/{number}")
        name, content = random.choice(FILES)
        for _ in range(random.randint(1, 3)):
            content = random.choice(MUTATIONS)(random, content) if content else content
        told[_verdict(name, content)] += 1
    return told


def _verdict(name: str, content: bytes) -> str:
    try:
        records = read(name, content, "fhir")
    except UnreadableFileError as error:
        str(error).encode()
        return "refused"
    assert len({(record.sheet, record.row) for record in records}) == len(records)
    for record in records:
        "".join(text for text in record.values.values() if text).encode()
        if MALFORMED not in record.values and record.values.get("resource"):
            assert isinstance(json.loads(str(record.values["resource"])), dict)
    return "loaded"


def test_mutations_load_or_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_CHUNK", 50)

    told = fuzz(1, 3000)

    assert min(told.values()) > 300


if __name__ == "__main__":
    print(fuzz(2, int(sys.argv[1])))  # noqa: T201
