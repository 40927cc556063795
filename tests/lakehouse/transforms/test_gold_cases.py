"""Every gold transform on every folder of tests/cases: inputs and the expected table, calculated by hand."""

import csv
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from lakehouse.address import Address
from lakehouse.contract import Contract, load, tables
from lakehouse.operations.pools import domains
from tests.lakehouse.frames import frame, texts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import DataFrame, SparkSession

CASES = Path(__file__).parents[2] / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/gold/*/*/expected.csv"))


@pytest.fixture(scope="module", autouse=True)
def evidence_key(s3: "S3Client") -> Iterator[None]:
    """The key with which the hashes of expected clinical evidence were made."""
    name = "lakehouse/clinical/evidence-key"
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=name, SecretString="0123456789abcdef" * 2)
    yield
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(CASES)))
def test_case(spark: "SparkSession", folder: Path) -> None:
    contract = load(Address.parse(".".join(folder.relative_to(CASES).parts[:3])))
    transform = import_module(f"lakehouse.transforms.{contract.domain}.gold.{contract.name}").transform

    made = transform(**{a.table: table(spark, folder / f"{a.table}.csv", load(a)) for a in contract.inputs})

    assert made.dtypes == [(column.name, column.physicalType) for column in contract.columns]
    assert in_order(made) == in_order(table(spark, folder / "expected.csv", contract))


def test_every_gold_table_has_cases() -> None:
    tables_with_cases = {folder.relative_to(CASES).parts[:3] for folder in FOLDERS}

    assert tables_with_cases == {
        (d, "gold", contract.name) for d in domains() for contract in tables(d, "gold")
    }
    assert {path for path in CASES.glob("*/gold/*/*") if path.is_dir()} == set(FOLDERS)


def table(spark: "SparkSession", file: Path, contract: Contract) -> "DataFrame":
    """A file as a table of its contract; columns that it leaves out are null."""
    types = {column.name: column.physicalType for column in contract.columns}
    with file.open(encoding="utf-8", newline="") as content:
        reader = csv.DictReader(content, strict=True)
        rows = list(reader)
    unknown = {*(reader.fieldnames or ())} - {*types}
    assert not unknown, f"{file} has columns that {contract.address} lacks: {sorted(unknown)}"
    assert not [row for row in rows if None in row or None in row.values()], (
        f"{file}: a row of another length"
    )
    return frame(spark, types, rows)


def in_order(df: "DataFrame") -> list[dict[str, str | None]]:
    return sorted(texts(df), key=lambda row: [str(value) for value in row.values()])
