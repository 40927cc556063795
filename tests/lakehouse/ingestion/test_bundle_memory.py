"""How much memory a Bundle takes does not depend on its size, from S3 to the rows that Spark is given.

`LAKEHOUSE_TEST_BUNDLE_MEGABYTES` is the size of the long one in the slow test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).parents[3]
SHORT_MEGABYTES = 16
"""Some full batches of rows, for what follows to be no more than a repetition."""
LONG_MEGABYTES = 40
LONGEST_MEGABYTES = int(os.environ.get("LAKEHOUSE_TEST_BUNDLE_MEGABYTES", "200"))
GROWTH_MEGABYTES = 20
"""When freed memory is used again differs from run to run; held whole, the long one would be 24 more."""
NOTE = "x" * 400


def delivered(s3: "S3Client", bucket: str, directory: Path, megabytes: int) -> tuple[str, int]:
    """The URI of a Bundle that is so long, and its entries."""
    path = directory / f"{megabytes}.json"
    entries = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"resourceType":"Bundle","type":"collection","entry":[')
        while file.tell() < megabytes << 20:
            file.writelines(entry(number) for number in range(entries, entries + 1000))
            entries += 1000
        file.write('{"resource":{"resourceType":"Patient","id":"p1"}}]}')
    s3.upload_file(str(path), bucket, path.name)
    return f"s3://{bucket}/{path.name}", entries + 1


def entry(number: int) -> str:
    resource = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "valueQuantity": {"value": number, "unit": "mmHg"},
        "note": [{"text": NOTE}],
    }
    return json.dumps({"fullUrl": f"http://example.org/Observation/o{number}", "resource": resource}) + ",\n"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "megabytes", [LONG_MEGABYTES, pytest.param(LONGEST_MEGABYTES, marks=pytest.mark.slow)]
)
def test_memory_does_not_grow_with_a_bundle(
    s3: "S3Client", bucket: str, tmp_path: Path, megabytes: int
) -> None:
    short, _ = delivered(s3, bucket, tmp_path, SHORT_MEGABYTES)
    long, entries = delivered(s3, bucket, tmp_path, megabytes)

    done = subprocess.run(
        [sys.executable, "-m", "tests.lakehouse.ingestion.bundle_memory", short, long],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["rows"] == entries
    assert told["grown_kilobytes"] < GROWTH_MEGABYTES << 10
