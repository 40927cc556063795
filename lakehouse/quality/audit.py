"""Audit a candidate: run its checkpoint, keep the verdict and the Data Docs page."""

import logging

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import Contract
from lakehouse.quality.checkpoint import judgements, validate
from lakehouse.quality.data_docs import render_page
from lakehouse.quality.suite import JUDGED, WARNING, build_suite
from lakehouse.quality.verdict import Judgement, Verdict, outcome_of
from lakehouse.steps.candidate import Candidate
from lakehouse.steps.run import Run
from lakehouse.storage.documents import write_document, write_text

log = logging.getLogger(__name__)


def audit(run: Run, contract: Contract, rows: DataFrame, candidate: Candidate) -> Verdict:
    """Judge `rows`, read back from where they were written, and write the verdict for the gate."""
    if contract.made_in == "silver":
        rows = rows.withColumn(JUDGED, F.coalesce("_rule", F.lit("accepted")))
    result = validate(rows, build_suite(run, contract))
    judged = [*judgements(result), *_files_read(candidate)]
    page = run.docs_page(contract.address)
    write_text(page, render_page(result, run.run_id), "text/html; charset=utf-8")
    verdict = Verdict(
        address=str(contract.address),
        suite=result.suite_name,
        run_id=run.run_id,
        outcome=outcome_of(judged),
        rows=candidate.rows,
        files=_files_to_name(candidate),
        expectations=judged,
        docs_uri=page,
    )
    write_document(run.verdict_document(contract.address), verdict.as_document())
    log.info("%s: %s, %s", contract.address, verdict.outcome, candidate.counts)
    return verdict


def _files_read(candidate: Candidate) -> list[Judgement]:
    """A judgement for each file that could not be read."""
    return [
        Judgement(
            type="expect_file_to_be_readable",
            column=None,
            severity=WARNING,
            success=False,
            expectation=f"{file['uri']} can be read",
            observed=file["reason"],
        )
        for file in candidate.files
        if file.get("status") == "failed"
    ]


def _files_to_name(candidate: Candidate) -> list[str]:
    """Files the verdict is about: those with rejected rows where there are any, and the rules they broke."""
    refused = [
        f"{file['uri']} ({', '.join(f'{count} × {rule}' for rule, count in sorted(file['rejected'].items()))})"
        for file in candidate.files
        if file.get("rejected")
    ]
    return refused or [file["uri"] for file in candidate.files]
