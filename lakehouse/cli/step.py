"""`lakehouse step`: one step as one Glue run, without Airflow."""

import json
import time
from datetime import UTC, datetime
from typing import Annotated, Any

import boto3
import typer
from rich.console import Console

from lakehouse.address import Address
from lakehouse.cli.arguments import table_address
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.operations.glue_jobs import STEPS
from lakehouse.settings import Settings

_LAYERS = {"raw_to_bronze": "bronze", "bronze_to_silver": "silver", "silver_to_gold": "gold"}
_OF_A_TABLE = [step for step in STEPS if step not in {"restore", "replay"}]
_RUNNING = {"STARTING", "RUNNING", "STOPPING", "WAITING"}


def step_command(
    step: Annotated[str, typer.Argument(help=f"One of {', '.join(_OF_A_TABLE)}.")],
    table: Annotated[
        str, typer.Argument(help="`ecommerce.products`; to publish or maintain, the full address.")
    ],
    run_id: Annotated[str | None, typer.Option(help="To publish the candidate of an earlier step.")] = None,
    dates: Annotated[str | None, typer.Option("--date", help="Business dates, separated by commas.")] = None,
    full_refresh: Annotated[bool, typer.Option(help="Judge the whole table again.")] = False,
) -> None:
    """Run one step of one table as one Glue run.

    Example: `lakehouse step raw_to_bronze ecommerce.products`
    """
    if step not in _OF_A_TABLE:
        raise CommandError(f"there is no step {step!r}; there is {', '.join(_OF_A_TABLE)}")
    if step == "publish" and run_id is None:
        raise CommandError("publish needs --run-id: the one that the candidate's step printed")
    settings = read_settings()
    address = table_address(table, layer=_LAYERS.get(step, "silver"))
    run_id = run_id or f"step__{datetime.now(UTC):%Y%m%dT%H%M%S}"
    arguments = _arguments(settings, address, run_id)
    arguments |= {} if step in _LAYERS else {"--layer": address.layer}
    arguments |= {"--dates": dates} if dates else {}
    arguments |= {"--full-refresh": "true"} if full_refresh else {}
    run = _start_and_wait(settings, settings.job_name(step, address.domain), arguments)
    Console().print(f"{step} of {address}: {run['JobRunState']} in {run['ExecutionTime']} s, run id {run_id}")
    if run["JobRunState"] != "SUCCEEDED":
        raise CommandError(f"Glue run {run['Id']}: {run.get('ErrorMessage', 'no message')}")


def _arguments(settings: Settings, address: Address, run_id: str) -> dict[str, str]:
    buckets = settings.buckets(address.domain)
    return {
        "--domain": address.domain,
        "--run-id": run_id,
        "--buckets": json.dumps(buckets),
        "--tables": address.table,
        "--environment": settings.environment,
        "--log-level": settings.job_log_level,
    }


def _start_and_wait(settings: Settings, job: str, arguments: dict[str, str]) -> dict[str, Any]:
    glue = boto3.client("glue", region_name=settings.region)
    run_id = glue.start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
    with Console().status(f"{job} runs") as status:
        while True:
            run: dict[str, Any] = dict(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])
            if run["JobRunState"] not in _RUNNING:
                return run
            status.update(f"{job}: {run['JobRunState']}")
            time.sleep(0.5)


def register(app: typer.Typer) -> None:
    app.command("step")(step_command)
