"""Publish: one Delta commit makes a candidate that passed its checkpoint the table's content.

A candidate against which another run has published meanwhile is made and judged anew, never merged blindly.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.contract import Contract
from lakehouse.session import session_of_its_own
from lakehouse.steps import bronze_to_silver, silver_to_gold
from lakehouse.steps.candidate import CANDIDATE, Candidate, read_candidates
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.manifest import write_manifest
from lakehouse.steps.run import Run, new_attempt
from lakehouse.steps.writers import WRITERS
from lakehouse.storage import delta_log
from lakehouse.storage.delta import ensure_table, lineage_columns
from lakehouse.storage.documents import write_document
from lakehouse.storage.publication import StaleCandidateError

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_PASSED = ("passed", "warned")


type Published = dict[str, Any]
"""What the document says of a table: `rows`, versions before and after, versions of its inputs."""


class UnauditedError(RuntimeError):
    """A candidate that did not pass its checkpoint."""


def publish(spark: SparkSession, run: Run) -> None:
    """Publish every candidate of the run's layer; twice changes nothing. Raises UnauditedError."""
    candidates = read_candidates(run, run.layer)
    contracts = [c for c in run.contracts(run.layer) if candidates[c.name].outcome == CANDIDATE]
    for contract in contracts:
        _require_verdict(contract, candidates[contract.name])
    published = for_each_table(
        contracts, lambda contract: _publish(spark, run, contract, candidates[contract.name])
    )
    write_document(
        run.published_document(run.layer), {"run_id": run.run_id, "layer": run.layer, "tables": published}
    )
    write_manifest(run)


def _require_verdict(contract: Contract, candidate: Candidate, *allowed: str) -> None:
    if candidate.verdict not in (allowed or _PASSED):
        raise UnauditedError(
            f"{contract.address}: the checkpoint's verdict is {candidate.verdict!r}; nothing was published"
        )


def _publish(spark: SparkSession, run: Run, contract: Contract, candidate: Candidate) -> Published:
    uri = run.uri(contract.address)
    spark = session_of_its_own(spark)  # whose settings name the publication that is committed
    before = delta_log.version(uri)
    ensure_table(spark, uri, contract, lineage_columns(run.layer))
    for _ in range(_ATTEMPTS):
        try:
            after = WRITERS[run.layer](spark, run, contract, candidate)
        except StaleCandidateError as stale:
            log.warning("%s: %s: made and judged anew", contract.address, stale)
            candidate = _made_anew(spark, run, contract, candidate)
        else:
            log.info("%s: version %s published, before it %s", contract.address, after, before)
            return _published(before, after, candidate.rows, candidate)
        if candidate.outcome != CANDIDATE:
            return _published(before, delta_log.version(uri), 0, candidate)
    raise StaleCandidateError(
        f"{contract.address}: other writers published first {_ATTEMPTS} times; clear this task when they are done"
    )


def _published(before: int | None, after: int | None, rows: int, candidate: Candidate) -> Published:
    return {"version_before": before, "version_after": after, "rows": rows, "inputs": candidate.inputs}


def _made_anew(spark: SparkSession, run: Run, contract: Contract, stale: Candidate) -> Candidate:
    """The candidate as it is against the table of now. Raises UnauditedError where its verdict is worse."""
    make = _MAKERS.get(run.layer)
    if make is None:
        return stale  # bronze's does not depend on what the table holds
    attempt = replace(run, attempt=new_attempt(), full_refresh=run.full_refresh or stale.full_refresh)
    made = make(spark, attempt, contract)
    if made.outcome == CANDIDATE:
        # A gate, and whoever decided at it, has let the stale candidate's verdict pass, not another one.
        _require_verdict(contract, made, "passed", stale.verdict)
    return made


type Maker = Callable[[SparkSession, Run, Contract], Candidate]
_MAKERS: dict[str, Maker] = {
    "silver": bronze_to_silver.make_candidate,
    "gold": silver_to_gold.make_candidate,
}
