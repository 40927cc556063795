"""`lakehouse run`: upload, trigger the domain's DAG, follow it, show gold."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from lakehouse.cli.arguments import require_domain
from lakehouse.cli.console import output
from lakehouse.cli.cost import show_actual, show_estimate
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.quality import show_validations
from lakehouse.cli.settings import read_settings
from lakehouse.cli.sources import Synthetic, source_of
from lakehouse.cli.tables import show
from lakehouse.contract import Contract, tables
from lakehouse.operations.airflow_api import TaskState
from lakehouse.operations.athena import QueryError, query
from lakehouse.operations.validations import latest_validations
from lakehouse.settings import Settings

_PREVIEW_ROWS = 5
_MADE = "Data made here (market_data without --data-dir)"


def run_command(
    domain: Annotated[str, typer.Argument(help="Such as `ecommerce`.")],
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Upload the files of this folder first: CSV and XLSX, or segments.", exists=True),
    ] = None,
    date: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Recompute this business date; repeatable."),
    ] = None,
    full_refresh: Annotated[bool, typer.Option(help="Rebuild silver and gold from bronze.")] = False,
    rejected_share_limit: Annotated[
        float | None, typer.Option(min=0, max=1, help="Let this share of a table's new rows be rejected.")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=_MADE, help="Of the exchange; 5.")
    ] = None,
    products: Annotated[int | None, typer.Option(min=1, rich_help_panel=_MADE, help="How many; 3.")] = None,
    seed: Annotated[int | None, typer.Option(rich_help_panel=_MADE, help="Of market and faults; 1.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=_MADE, help="Such as drop=0.001, instead of a few; see simulate coinbase."
        ),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(rich_help_panel=_MADE, help="Keep the exchange's own ledger there.")
    ] = None,
) -> None:
    """Run a domain's pipeline through Airflow: raw to validated gold.

    Examples:
    - `lakehouse run ecommerce --data-dir sample/ecommerce`

    - `lakehouse run ecommerce --date 2025-04-01 --date 2025-04-02`

    - `lakehouse run market_data --minutes 10 --fault drop=0.001`

    The exit code is 0 only if every task ended well, and gold equals what is known about data made here.
    """
    require_domain(domain)
    made = Synthetic(
        minutes=minutes, products=products, seed=seed, faults=tuple(fault) if fault else None, ledger=ledger
    )
    source = source_of(domain, data_dir, made)
    settings, console = read_settings(), output()
    conf: dict[str, Any] = {}
    if date:
        conf["dates"] = [day.date().isoformat() for day in date]
    if full_refresh:
        conf["full_refresh"] = True
    if rejected_share_limit is not None:
        conf["rejected_share_limit"] = rejected_share_limit

    show_estimate(console, settings, domain)
    run = run_dag(console, domain, conf, before=lambda: source.bring(console, settings))
    _show_outcome(console, settings, domain, run.tasks)
    source.compare(console, settings)
    show_actual(console, settings, domain, run.run_id)
    console.print(str(run))


def _show_outcome(console: Console, settings: Settings, domain: str, tasks: list[TaskState]) -> None:
    published = any(task.task_id == "silver_to_gold.publish" and task.state == "success" for task in tasks)
    if not published:
        console.print("Nothing new: gold is as before.")
    for contract in tables(domain, "gold"):
        try:
            _show_gold(console, settings, contract)
        except QueryError as error:
            console.print(f"{contract.address}: {error}", style="yellow")
    show_validations(latest_validations(settings, domain), settings)


def _show_gold(console: Console, settings: Settings, contract: Contract) -> None:
    """The first rows of a table; of one about patients, how many there are. Raises QueryError."""
    table = f"{contract.address.database}.{contract.name}"
    title = f"{contract.address} ({contract.description.purpose})"
    if contract.rules.restricted:
        ((count,),) = query(f"SELECT COUNT(*) FROM {table}", settings, domain=contract.domain).rows  # noqa: S608
        console.print(f"{title} {count} rows", highlight=False)
        return
    keys = ", ".join(contract.primary_key)
    sql = f"SELECT * FROM {table} ORDER BY {keys} LIMIT {_PREVIEW_ROWS}"  # noqa: S608
    show(query(sql, settings, domain=contract.domain), title=title)


def register(app: typer.Typer) -> None:
    app.command("run")(run_command)
