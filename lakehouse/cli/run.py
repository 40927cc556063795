"""`lakehouse run`: upload, trigger the domain's DAG, follow it, show gold."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from rich.console import Console

from lakehouse.cli.arguments import require_domain
from lakehouse.cli.console import output
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.failure import CommandError
from lakehouse.cli.quality import show_validations
from lakehouse.cli.tables import show
from lakehouse.contract import tables
from lakehouse.operations.airflow_api import TaskState
from lakehouse.operations.athena import QueryError, query
from lakehouse.operations.validations import latest_validations
from lakehouse.settings import Settings
from lakehouse.storage.bucket.layout import datasets
from lakehouse.storage.bucket.upload import find, upload

_PREVIEW_ROWS = 5


def run_command(
    domain: Annotated[str, typer.Argument(help="Such as `ecommerce`.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="Upload the CSV and XLSX files of this folder first.", exists=True)
    ] = None,
    date: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Recompute this business date; repeatable."),
    ] = None,
    full_refresh: Annotated[bool, typer.Option(help="Rebuild silver and gold from bronze.")] = False,
    rejected_share_limit: Annotated[
        float | None, typer.Option(min=0, max=1, help="Let this share of a table's new rows be rejected.")
    ] = None,
) -> None:
    """Run a domain's pipeline through Airflow: raw to validated gold.

    Examples:
    - `lakehouse run ecommerce --data-dir sample/ecommerce`

    - `lakehouse run ecommerce --date 2025-04-01 --date 2025-04-02`

    The exit code is 0 only if every task ended well.
    """
    require_domain(domain)
    settings, console = Settings(), output()
    conf: dict[str, Any] = {}
    if date:
        conf["dates"] = [day.date().isoformat() for day in date]
    if full_refresh:
        conf["full_refresh"] = True
    if rejected_share_limit is not None:
        conf["rejected_share_limit"] = rejected_share_limit

    def bring() -> None:
        if data_dir:
            _upload(console, settings, domain, data_dir)

    run = run_dag(console, domain, conf, before=bring)
    _show_outcome(console, settings, domain, run.tasks)
    console.print(str(run))


def _upload(console: Console, settings: Settings, domain: str, data_dir: Path) -> None:
    bucket = settings.buckets(domain)["*"]
    try:
        found = find(data_dir, datasets(domain))
    except (ValueError, NotADirectoryError) as error:
        raise CommandError(str(error)) from error
    if not found.files:
        names = ", ".join(f"{name}*.csv" for name in datasets(domain))
        raise CommandError(f"{data_dir} has no data file: files are named {names}, or .xlsx")
    for path in found.unknown:
        console.print(f"[yellow]not uploaded:[/] {path}: its name starts with no dataset's name")
    with console.status(f"Uploading {len(found.files)} files, {found.size / 1e6:.1f} MB"):
        results = upload(boto3.client("s3", region_name=settings.region), bucket, found.files)
    if failed := [f"{one.file.path}: {one.reason}" for one in results if one.outcome == "failed"]:
        raise CommandError("; ".join(failed))
    for one in results:
        console.print(f"{one.outcome} s3://{bucket}/{one.file.key}", highlight=False)


def _show_outcome(console: Console, settings: Settings, domain: str, tasks: list[TaskState]) -> None:
    published = any(task.task_id == "silver_to_gold.publish" and task.state == "success" for task in tasks)
    if not published:
        console.print("Nothing new: gold is as before.")
    for contract in tables(domain, "gold"):
        keys = ", ".join(contract.primary_key)
        sql = (
            f"SELECT * FROM {contract.address.database}.{contract.name} ORDER BY {keys} LIMIT {_PREVIEW_ROWS}"  # noqa: S608
        )
        try:
            show(query(sql, settings), title=f"{contract.address} ({contract.description.purpose})")
        except QueryError as error:
            console.print(f"{contract.address}: {error}", style="yellow")
    show_validations(latest_validations(settings, domain), settings)


def register(app: typer.Typer) -> None:
    app.command("run")(run_command)
