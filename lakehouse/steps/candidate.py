"""The candidate document: what a layer's run wrote out of readers' sight, for the gate and for publishing."""

from dataclasses import asdict, dataclass, field
from typing import Any

from lakehouse.address import Address
from lakehouse.code_version import code_version
from lakehouse.quality.verdict import Verdict
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log, publication
from lakehouse.storage.documents import read_document, write_document

NOTHING_NEW = "nothing_new"
CANDIDATE = "candidate"


@dataclass
class Candidate:
    """One table's candidate. `inputs` are the Delta versions it was made from."""

    outcome: str = NOTHING_NEW
    candidate_uri: str | None = None
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)
    partitions: list[str | None] | None = None
    """Partition values that publishing replaces, null among them; None replaces or merges the whole table."""
    full_refresh: bool = False
    base: int = 0
    """The version of the table that the candidate was made against; publishing makes the next one."""
    rejected_base: int = 0
    """The same of the table of rejected rows."""
    verdict: str = ""
    """The checkpoint's outcome on this very candidate."""


def base_version(run: Run, address: Address) -> int:
    """The version that a candidate is made against, to be asked for before anything else is read.

    A table that does not exist yet is made, empty, as version 0.
    """
    return delta_log.version(run.uri(address)) or 0


def write_candidates(run: Run, layer: str, candidates: dict[str, Candidate]) -> None:
    """Record the candidates of a layer, and a verdict for each table that has nothing to judge."""
    for address in (contract.address for contract in run.contracts(layer)):
        if candidates[address.table].outcome == NOTHING_NEW:
            write_document(
                run.verdict_document(address), Verdict.nothing_new(address, run.run_id).as_document()
            )
    outcomes = {candidate.outcome for candidate in candidates.values()}
    document = {
        "run_id": run.run_id,
        "domain": run.domain,
        "layer": layer,
        "code_version": code_version(run.domain),
        "outcome": CANDIDATE if CANDIDATE in outcomes else NOTHING_NEW,
        "tables": {table: asdict(candidate) for table, candidate in candidates.items()},
    }
    write_document(run.candidate_document(layer), document)


def read_candidates(run: Run, layer: str) -> dict[str, Candidate]:
    """The candidates of a layer by table; raises DocumentNotFoundError."""
    document = read_document(run.candidate_document(layer))
    return {table: Candidate(**content) for table, content in document["tables"].items()}


def inputs_taken_in(run: Run, address: Address) -> dict[str, int]:
    """The versions of its inputs that a table has taken in, as its newest publication says; empty for a new table.

    A version that holds the same rows counts as taken in: maintenance is no news.
    """
    found = publication.latest(run.uri(address))
    inputs = found[1].inputs if found else {}
    return {name: delta_log.newest_alike(run.uri(Address.parse(name)), at) for name, at in inputs.items()}
