"""FHIR files through the product's own code to gold, without a lake: reader, views, casts, judgement, transforms."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.address import Address
from lakehouse.contract import LINEAGE, Contract, load, tables
from lakehouse.ingestion.readers import read_sheets
from lakehouse.records.cast import cast_columns
from lakehouse.records.references import check_references
from lakehouse.records.resolve import STATUS, resolve
from lakehouse.steps.transforms import gold_rows, silver_rows
from tests.lakehouse.frames import TextRow, frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DOMAIN = "clinical"
BRONZE = Address(DOMAIN, "bronze", "fhir_resources")
EPISODES = Address(DOMAIN, "silver", "inpatient_episode")

type Tables = dict[Address, "DataFrame"]


def silver_of(spark: "SparkSession", paths: Iterable[Path]) -> Tables:
    """The tables of silver, as far as a view makes them, and the episodes."""
    bronze = bronze_of(spark, paths)
    made: Tables = {}
    for contract in tables(DOMAIN, "silver"):
        if contract.rules.viewDefinition:
            made[contract.address] = _silver(contract, bronze, made).localCheckpoint()
    made[EPISODES] = gold_of(made, EPISODES).localCheckpoint()
    return made


def gold_of(silver: Tables, address: Address) -> "DataFrame":
    """One table that is made of silver."""
    contract = load(address)
    return gold_rows(contract, {source: silver[source] for source in contract.inputs})


def bronze_of(spark: "SparkSession", paths: Iterable[Path]) -> "DataFrame":
    """Rows of bronze.fhir_resources, all delivered at once."""
    names = load(BRONZE).column_names
    rows = [row for path in paths for row in _read(path)]
    return frame(spark, {**dict.fromkeys(names, "string"), **LINEAGE}, rows)


def _read(path: Path) -> Iterator[TextRow]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    told = {
        "_source_file": str(path),
        "_source_hash": digest,
        "_delivered_at": "2100-01-01",
        "_ingested_at": "2100-01-01",
    }
    with path.open("rb") as content:
        for sheet in read_sheets(path.name, content, "fhir"):
            for record in sheet.records:
                yield {**record.values, **told, "_source_sheet": record.sheet, "_source_row": record.row}


def _silver(contract: Contract, bronze: "DataFrame", parents: Tables) -> "DataFrame":
    rows = cast_columns(silver_rows(contract, BRONZE, bronze), contract)
    judged = resolve(check_references(rows, contract, parents), contract)
    return judged.where(f"{STATUS} = 'published'").select(*contract.column_names)
