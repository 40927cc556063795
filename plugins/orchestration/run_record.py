"""What a run did to each table, in the words of the contracts operations.bronze.runs and expectation_results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakehouse.contract import Contract
from lakehouse.operations.cost import cost_usd
from orchestration.verdict import count_of

type Record = dict[str, Any]
type Document = Mapping[str, Any]


@dataclass(frozen=True)
class RunFacts:
    """What holds for every table of the run; times are ISO 8601, UTC."""

    domain: str
    run_id: str
    run_type: str
    started_at: datetime
    recorded_at: datetime

    def as_columns(self) -> Record:
        return {
            "run_id": self.run_id,
            "domain": self.domain,
            "recorded_at": self.recorded_at.isoformat(),
            "date": self.started_at.date().isoformat(),
        }


@dataclass(frozen=True)
class LayerFacts:
    """What a layer's step left: documents by table, empty where it died before it wrote one, and what it used."""

    layer: str
    contracts: tuple[Contract, ...]
    candidates: Mapping[str, Document]
    published: Mapping[str, Document]
    verdicts: Mapping[str, Document]
    """By the table's name; each table of a step has its own name, whatever its layer."""
    candidate_runs: Sequence[Document] = ()
    """Glue's JobRuns."""
    code_version: str | None = None
    """Of the wheel that made the candidates."""
    publish_runs: Sequence[Document] = ()
    bytes_scanned: int | None = None
    """By Athena, to validate the layer."""


def table_records(run: RunFacts, layer: LayerFacts) -> list[Record]:
    """One record per table; what is measured of the whole layer is shared out evenly among the tables it made."""
    made = [c.name for c in layer.contracts if layer.candidates.get(c.name, {}).get("outcome") == "candidate"]
    sharing = made or [contract.name for contract in layer.contracts]
    return [
        {
            "table_address": str(contract.address),
            **run.as_columns(),
            "layer": contract.address.layer,
            "run_type": run.run_type,
            "contract_version": contract.version,
            **_made(layer, contract.name),
            "started_at": run.started_at.isoformat(),
            **_table(layer, contract.name),
            "candidate_seconds": _seconds(layer.candidate_runs),
            "publish_seconds": _seconds(layer.publish_runs),
            **_used(layer, len(sharing) if contract.name in sharing else None),
        }
        for contract in layer.contracts
    ]


def result_records(run: RunFacts, layer: LayerFacts) -> list[Record]:
    """One record per expectation that a checkpoint of the layer judged."""
    return [
        {
            "table_address": str(contract.address),
            **run.as_columns(),
            "layer": contract.address.layer,
            "expectation_number": number,
            "expectation_type": result["type"],
            "column_name": result["column"],
            "severity": result["severity"],
            "success": result["success"],
            **_words(contract, result),
        }
        for contract in layer.contracts
        for number, result in enumerate(_expectations(layer, contract.name), start=1)
    ]


def _words(contract: Contract, result: Record) -> Record:
    """What was expected and observed; of data about patients no name of a file, and of what was observed a count."""
    if not contract.rules.restricted:
        return {"expectation": result["expectation"], "observed": result["observed"]}
    is_of_a_file = result["type"] == "expect_file_to_be_readable"
    return {
        "expectation": "every file can be read" if is_of_a_file else result["expectation"],
        "observed": count_of(result["observed"]),
    }


def _made(layer: LayerFacts, name: str) -> Record:
    """By what code, and of gold which business dates: those that the candidate replaces, else the whole table."""
    candidate = layer.candidates.get(name, {})
    is_made = candidate.get("outcome") == "candidate"
    return {
        "code_version": layer.code_version if is_made else None,
        "dates": _dates(candidate.get("partitions")) if is_made and layer.layer == "gold" else None,
    }


def _dates(partitions: list[str | None] | None) -> str:
    return ",".join(date for date in partitions if date) if partitions else "all"


def _table(layer: LayerFacts, name: str) -> Record:
    candidate = layer.candidates.get(name, {})
    counts = candidate.get("counts", {})
    files = candidate.get("files") or []
    publication = layer.published.get(name, {})
    return {
        "outcome": _outcome(candidate, is_published=name in layer.published),
        "verdict": layer.verdicts.get(name, {}).get("outcome"),
        "files": None if layer.layer == "gold" else len(files),
        "failed_files": _count(files, "failed") if layer.layer == "bronze" else None,
        "rows_read": counts.get("read"),
        **{
            f"rows_{status}": counts.get(status)
            for status in ("published", "deduplicated", "superseded", "rejected")
        },
        "version_before": publication.get("version_before"),
        "version_after": publication.get("version_after"),
        "quality_score": _score(_expectations(layer, name)),
    }


def _outcome(candidate: Document, *, is_published: bool) -> str:
    if is_published:
        return "published"
    return "nothing_new" if candidate.get("outcome") == "nothing_new" else "not_published"


def _count(files: Iterable[Document], status: str) -> int:
    return sum(file.get("status") == status for file in files)


def _expectations(layer: LayerFacts, name: str) -> list[Record]:
    found: list[Record] = layer.verdicts.get(name, {}).get("expectations", [])
    return found


def _score(expectations: list[Record]) -> float | None:
    if not expectations:
        return None
    held = sum(bool(one["success"]) for one in expectations)
    return round(held / len(expectations), 4)


def _seconds(runs: Iterable[Document]) -> float:
    return float(sum(run.get("ExecutionTime") or 0 for run in runs))


def _used(layer: LayerFacts, tables: int | None) -> Record:
    """A table's share where `tables` have a part in it, nothing where the table was none of them."""
    dpu_seconds = sum(map(_dpu_seconds, (*layer.candidate_runs, *layer.publish_runs)))
    scanned = layer.bytes_scanned
    if tables is None:
        dpu_seconds, scanned, tables = 0.0, None if scanned is None else 0, 1
    share = None if scanned is None else scanned // tables
    return {
        "dpu_seconds": round(dpu_seconds / tables, 3),
        "bytes_scanned": share,
        "cost_usd": round(cost_usd(dpu_seconds / tables, share or 0), 6),
    }


def _dpu_seconds(run: Document) -> float:
    """Glue tells them of runs that scale or are flexible; of others they are time × capacity."""
    told = run.get("DPUSeconds")
    return float(
        told if told is not None else (run.get("ExecutionTime") or 0) * (run.get("MaxCapacity") or 0)
    )
