"""Read a Bundle on S3 as a task of raw → bronze does, and tell how much memory that took beyond a short Bundle.

`python -m tests.lakehouse.ingestion.bundle_memory <URI of the short one> <URI of the long one>` prints JSON; S3 is
that of AWS_ENDPOINT_URL. A process of its own: what was touched before would hide what is touched now.
"""

import json
import re
import sys
from pathlib import Path

import pyarrow as pa

from lakehouse.address import Address
from lakehouse.contract import load
from lakehouse.ingestion.drift import HeaderRules
from lakehouse.ingestion.parse import _parser


def peak_kilobytes() -> int:
    """Most memory that this process ever held; unlike `ru_maxrss`, without what its parent held."""
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    return int(peak)


def rows_of(uri: str) -> int:
    """How many bronze rows the file becomes, none of which is kept."""
    contract = load(Address("clinical", "bronze", "fhir_resources"))
    rules = HeaderRules(tuple(contract.column_names))
    listing = {"uri": uri, "sha256": "", "delivered_at": ""}
    files = pa.RecordBatch.from_pylist([listing])
    return sum(batch.num_rows for batch in _parser(rules, "", contract.rules.format)(iter([files])))


def main() -> None:
    short, long = sys.argv[1:]
    rows_of(short)
    before = peak_kilobytes()
    rows = rows_of(long)
    sys.stdout.write(json.dumps({"rows": rows, "grown_kilobytes": peak_kilobytes() - before}))


if __name__ == "__main__":
    main()
