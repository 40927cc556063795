"""A run's last task, `archive`, for a test's lake."""

from typing import Any

from lakehouse.steps.run import Run
from lakehouse.storage.documents import read_document
from orchestration.archive import archive
from orchestration.plan import Plan
from tests.lakehouse.steps.lake import LAYERS, Lake


def run_and_archive(lake: Lake, run_id: str, **options: Any) -> None:
    """One whole run of the domain: every layer, then its files are put away."""
    lake.run(run_id, **options)
    put_away(lake, lake.a_run(run_id))


def put_away(lake: Lake, run: Run) -> None:
    tables: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    plan = Plan(domain=lake.domain, run_id=run.run_id, buckets=run.buckets, tables=tables)
    archive(lake.s3, plan, read_document(run.candidate_document("bronze")))
