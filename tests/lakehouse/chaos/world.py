"""A lake that can be set back to before any step, and what a clean load of it ends in."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakehouse.address import Address
from lakehouse.contract import Contract, tables
from lakehouse.steps.maintain import maintain
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log, publication
from tests.lakehouse.chaos.deliveries import DOMAINS
from tests.lakehouse.chaos.points import DELIVERIES, STEPS, UPKEEP, WRITES
from tests.lakehouse.frames import texts
from tests.lakehouse.steps.lake import Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef
    from pyspark.sql import SparkSession

POSITION = ["_source_hash", "_source_sheet", "_source_row"]
REJECTION = ["category", "rule", "key", "raw", *POSITION]
_THREADS = 8

type Content = dict[str, Counter[Any]]
"""Table → its rows, as text, without what differs between two clean loads (times of delivery and of the run)."""


class World:
    """Two deliveries to a domain, each loaded by a run of its own; either run may be killed."""

    def __init__(
        self, spark: "SparkSession", s3: "S3Client", faults: Any, domain: str, scratch: Path
    ) -> None:
        self.s3, self.faults = s3, faults
        self.lake = Lake.of_its_own(spark, s3, domain)
        self.counts: dict[tuple[str, str, str], dict[str, int]] = {}
        """(delivery, layer, task) → operation that changes S3 → how often a clean run calls it."""
        self.clean: dict[tuple[str, str], Content] = {}
        """(delivery, layer) → what is in every table when a clean load has published the layer."""
        for delivery, files in zip(DELIVERIES, DOMAINS[domain](scratch), strict=True):
            for file in files:
                self.lake.deliver(*file)
            self._load(delivery)

    def run(self, run_id: str) -> Run:
        return self.lake.a_run(run_id, rejected_share_limit=1.0)

    def do(self, layer: str, task: str, run: Run) -> None:
        """One step, here."""
        if task == "candidate":
            self.lake.candidate(layer, run)
        elif task == "publish":
            self.lake.publish(layer, run)
        else:
            maintain(self.lake.spark, replace(run, layer=layer))

    def _load(self, delivery: str) -> None:
        """Load cleanly, keeping the state before each step."""
        count_only = {"service": "s3", "rate": 0, "fault": "slow_down"}
        for layer, task in (*STEPS, *UPKEEP):
            self._copy(self.lake.bucket, self._state(delivery, layer, task))
            self.faults.replace([{**count_only, "operation": operation} for operation in WRITES])
            self.do(layer, task, self.run(delivery))
            called = {state["rule"]["operation"]: state["matched"] for state in self.faults.state()["rules"]}
            self.counts[delivery, layer, task] = called
            self.faults.clear()
            if task == "publish":
                self.clean[delivery, layer] = self.content()
        assert self.content() == self.clean[delivery, "gold"], "upkeep changed a table"

    def set_back(self, delivery: str, layer: str, task: str) -> None:
        """Make the lake what it was before a step."""
        self._empty(self.lake.bucket)
        self._copy(self._state(delivery, layer, task), self.lake.bucket)
        # Spark keeps what it knows of a table, and this one's history has changed.
        jvm: Any = self.lake.spark._jvm
        jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()

    def content(self) -> Content:
        """What is in every table, and which inputs silver has not taken in."""
        versions = self.lake.versions()
        found: Content = {}
        for layer in ("bronze", "silver", "gold"):
            for contract in tables(self.lake.domain, layer):
                position = POSITION if layer != "gold" else []
                columns = {contract.address: [*contract.column_names, *position]}
                if layer == "silver":
                    columns[contract.address.at("rejected")] = REJECTION
                    found[f"{contract.address} lacks"] = self._not_taken_in(contract, versions)
                for address, names in columns.items():
                    exists = versions[str(address)] is not None
                    found[str(address)] = self._rows(address, names) if exists else Counter()
        return found

    def _not_taken_in(self, contract: Contract, versions: dict[str, int | None]) -> Counter[Any]:
        """Inputs whose data changed after the versions that the table's ledger names."""
        ledger = publication.latest(self.lake.uri(contract.address))
        taken_in = ledger[1].inputs if ledger else {}
        return Counter(str(a) for a in contract.inputs if self._changed(a, taken_in.get(str(a)), versions))

    def _changed(self, address: Address, after: int | None, versions: dict[str, int | None]) -> bool:
        until = versions[str(address)]
        if after is None or until is None:
            return after != until
        changes = delta_log.changes(self.lake.uri(address), after, until)
        return bool(changes.added or changes.removed)

    def _rows(self, address: Address, columns: list[str]) -> Counter[Any]:
        table = self.lake.spark.read.format("delta").load(self.lake.uri(address))
        return Counter(tuple(row[name] for name in columns) for row in texts(table, columns))

    def _state(self, delivery: str, layer: str, task: str) -> str:
        return f"{self.lake.bucket}-{delivery.replace('_', '-')}-{layer}-{task}"

    def _copy(self, source: str, target: str) -> None:
        if target != self.lake.bucket:
            self.s3.create_bucket(Bucket=target)
        with ThreadPoolExecutor(_THREADS) as pool:
            list(
                pool.map(
                    lambda key: self.s3.copy_object(
                        Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key}
                    ),
                    self._keys(source),
                )
            )

    def _empty(self, bucket: str) -> None:
        keys: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in self._keys(bucket)]
        for first in range(0, len(keys), 1000):
            self.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[first : first + 1000]})

    def _keys(self, bucket: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]
