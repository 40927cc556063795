"""A lake of a test's own: deliver files, run the steps as the DAG does, look at tables and documents."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lakehouse.address import Address, root_of
from lakehouse.contract import load, stored_tables, tables
from lakehouse.operations.pools import domains
from lakehouse.steps.bronze_to_silver import bronze_to_silver
from lakehouse.steps.publish import publish
from lakehouse.steps.raw_to_bronze import raw_to_bronze
from lakehouse.steps.run import Run
from lakehouse.steps.silver_to_gold import silver_to_gold
from lakehouse.storage import delta_log
from lakehouse.storage.bucket.layout import landings
from lakehouse.storage.delta import ensure_table, lineage_columns, merge_delta
from lakehouse.storage.documents import read_document
from lakehouse.storage.objects.factory import store_at
from tests.lakehouse.delivered import as_csv
from tests.lakehouse.frames import as_printed, frame, texts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import DataFrame, SparkSession

DOMAIN = "ecommerce"
LAYERS = ("bronze", "silver", "gold")
LANDINGS = {(d, name): landing for d in domains() for name, landing in landings(d).items()}
SILVER = [f"silver.{contract.name}" for contract in tables(DOMAIN, "silver")]
GOLD = [f"gold.{contract.name}" for contract in tables(DOMAIN, "gold")]
STEPS: "dict[str, Callable[[SparkSession, Run], None]]" = {
    "bronze": raw_to_bronze,
    "silver": bronze_to_silver,
    "gold": silver_to_gold,
}
SUITES = Path(__file__).parents[3] / "expectations"

type Text = dict[str, str | None]


class Lake:
    """One bucket on the real S3, or a folder, with the suites of the checkout deployed."""

    def __init__(self, spark: "SparkSession", s3: "S3Client", bucket: str, domain: str = "ecommerce") -> None:
        self.spark, self.s3, self.bucket, self.domain = spark, s3, bucket, domain
        for suite in SUITES.rglob("*.json"):
            self.put(f"scripts/expectations/{suite.relative_to(SUITES).as_posix()}", suite.read_bytes())

    @classmethod
    def of_its_own(cls, spark: "SparkSession", s3: "S3Client", domain: str = "ecommerce") -> "Lake":
        """A lake in a new bucket."""
        bucket = f"lake-{uuid4().hex[:12]}"
        s3.create_bucket(Bucket=bucket)
        return cls(spark, s3, bucket, domain)

    def put(self, key: str, content: bytes) -> None:
        store, path = store_at(f"{root_of('raw', {'*': self.bucket})}/{key}")
        store.write(path, content)

    def deliver(self, dataset: str, name: str, content: bytes | Sequence[Mapping[str, object]]) -> None:
        """Put a file where its dataset lands: bytes as they are, or rows as CSV."""
        landing = LANDINGS.get((self.domain, dataset), f"raw/{dataset}")
        self.put(f"{landing}/{name}", content if isinstance(content, bytes) else as_csv(content))

    def a_run(self, run_id: str, **options: Any) -> Run:
        expectations = f"{root_of('scripts', {'*': self.bucket})}/scripts/expectations"
        return Run(self.domain, run_id, {"*": self.bucket}, expectations, **options)

    def candidate(self, layer: str, run: Run) -> dict[str, Any]:
        """Run the layer's step; returns its candidates by table."""
        STEPS[layer](self.spark, run)
        made: dict[str, Any] = read_document(run.candidate_document(layer))["tables"]
        return made

    def publish(self, layer: str, run: Run) -> None:
        publish(self.spark, replace(run, layer=layer))

    def run(self, run_id: str, **options: Any) -> dict[str, dict[str, Any]]:
        """Every layer's candidate and publication; returns the candidates by layer and table."""
        run = self.a_run(run_id, **options)
        made = {}
        for layer in LAYERS:
            made[layer] = self.candidate(layer, run)
            self.publish(layer, run)
        return made

    def put_silver(self, table: str, *rows: Mapping[str, object]) -> None:
        """Upsert rows in silver as publishing does, for tests of what comes after."""
        contract = load(Address(self.domain, "silver", table))
        uri = self.uri(contract.address)
        ensure_table(self.spark, uri, contract, lineage_columns("silver"))
        types = {column.name: column.physicalType for column in contract.columns} | lineage_columns("silver")
        merge_delta(frame(self.spark, types, rows), uri, contract.primary_key, contract.partition_by)

    def verdict(self, run_id: str, address: str) -> dict[str, Any]:
        return read_document(self.a_run(run_id).verdict_document(Address.parse(f"{self.domain}.{address}")))

    def uri(self, address: Address) -> str:
        return address.uri({"*": self.bucket})

    def table(self, address: str) -> "DataFrame":
        """`silver.orders` as it is published."""
        return self.spark.read.format("delta").load(self.uri(Address.parse(f"{self.domain}.{address}")))

    def rows(self, address: str) -> list[Text]:
        """The contract's columns of every row as text, in one order."""
        contract = load(Address.parse(f"{self.domain}.{address}"))
        return in_order(texts(self.table(address), contract.column_names))

    def versions(self) -> dict[str, int | None]:
        """Delta version of every table, by address."""
        return {str(a): delta_log.version(self.uri(a)) for a, _ in stored_tables(self.domain)}


def in_order(rows: Iterable[Text]) -> list[Text]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def printed(rows: Iterable[Mapping[str, object]]) -> list[Text]:
    """Python rows as `Lake.rows` gives them."""
    return in_order({name: as_printed(value) for name, value in row.items()} for row in rows)
