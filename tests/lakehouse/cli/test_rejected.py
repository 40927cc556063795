"""`lakehouse rejected` against moto's Athena, which answers with what a test has laid ready."""

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.athena.models import QueryResults, athena_backends
from typer.testing import CliRunner

from lakehouse.address import Address
from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from lakehouse.cli.rejected import _rows
from lakehouse.operations import athena

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COLUMNS = ["category", "rule", "file", "sheet", "row", "raw"]
RAW = json.dumps({"total_amount": "=1+1", "note": "a\nb"})


@pytest.fixture(autouse=True)
def work_group(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "_POLL_SECONDS", 0.001)
    boto3.client("athena").create_work_group(Name="lakehouse")


def lay_ready(*rows: list[str | None]) -> None:
    table: list[list[str | None]] = [[*COLUMNS], *rows]
    cells = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in table]
    info = [{"Name": name, "Type": "varchar"} for name in COLUMNS]
    athena_backends["123456789012"]["us-east-1"].query_results_queue.append(QueryResults(cells, info))


def test_values_of_patients_are_not_asked_for() -> None:
    assert ", raw" in _rows(Address("ecommerce", "rejected", "orders"), 1, restricted=False)
    assert "raw" not in _rows(Address("clinical", "rejected", "patient"), 1, restricted=True)


def rejected(*options: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(app, ["rejected", "ecommerce.orders", *options], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize(
    ("cell", "exported"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://example.com")', '\'=HYPERLINK("http://example.com")'),
        ("+1", "'+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("-1", "-1"),
        ("-12.50", "-12.50"),
        ("-1e5", "'-1e5"),
        ("-", "'-"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\nnext", "'\nnext"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("'=1", "'=1"),
        ("", ""),
        (RAW, RAW),
        ("a=1", "a=1"),
        ("12.50", "12.50"),
        ("s3://lake/raw/orders/=1.csv", "s3://lake/raw/orders/=1.csv"),
    ],
)
def test_a_cell_is_no_formula_where_people_open_it(tmp_path: Path, cell: str, exported: str) -> None:
    lay_ready(["schema", "type:date", "s3://lake/raw/orders/a.xlsx", cell, "2", RAW])
    file = tmp_path / "rejected.csv"

    rejected("--format", "csv", "--output", str(file))

    with file.open(encoding="utf-8-sig", newline="") as content:
        header, row = csv.reader(content)
    assert header == COLUMNS
    assert row == ["schema", "type:date", "s3://lake/raw/orders/a.xlsx", exported, "2", RAW]


def test_csv_on_standard_output_is_neutralised_too() -> None:
    lay_ready(["schema", "type:date", "f", "=1+1", "2", None])

    (_, row) = csv.reader(rejected("--format", "csv").splitlines())
    assert row == ["schema", "type:date", "f", "'=1+1", "2", ""]


def test_json_keeps_what_came() -> None:
    lay_ready(["schema", "type:date", "f", "=1+1", "2", None])

    assert json.loads(rejected("--format", "json")) == [
        dict(zip(COLUMNS, ["schema", "type:date", "f", "=1+1", "2", None], strict=True))
    ]


def test_excel_knows_the_encoding(tmp_path: Path) -> None:
    lay_ready(["schema", "type:date", "f", "Käse", "2", None])
    file = tmp_path / "rejected.csv"

    rejected("--format", "csv", "--output", str(file))

    assert file.read_bytes().startswith(b"\xef\xbb\xbfcategory,")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    lay_ready()
    file = tmp_path / "missing" / "rejected.csv"

    with pytest.raises(CommandError, match="No such file or directory; choose another --output"):
        rejected("--format", "csv", "--output", str(file))
