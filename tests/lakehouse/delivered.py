"""Files as a source delivers them."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def as_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ()) -> bytes:
    """Rows as a CSV file with `columns`, or else with the first row's; None is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def put_at_one_time(s3: "S3Client", bucket: str, files: Mapping[str, bytes]) -> None:
    """S3 tells the time of a file in seconds; those of one delivery must not differ in it."""
    for _ in range(20):
        for key, content in files.items():
            s3.put_object(Bucket=bucket, Key=key, Body=content)
        heads = [s3.head_object(Bucket=bucket, Key=key) for key in files]
        if len({head["LastModified"] for head in heads}) == 1:
            return
    pytest.fail(f"{', '.join(files)}: 20 times, not all were stored in one second; is the machine busy?")
