"""`lakehouse replay`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from lakehouse.address import bucket_of
from lakehouse.cli.arguments import key_safe, require_domain
from lakehouse.cli.console import output as console
from lakehouse.cli.dag_run import run_dag
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.cli.tables import show
from lakehouse.contract import tables
from lakehouse.ingestion.archived_files import ArchiveError, require_readable
from lakehouse.operations.athena import Result
from lakehouse.operations.replays import Finding, findings
from lakehouse.storage.documents import read_document

_COLUMNS = ["table", "live rows", "replayed rows", "only live", "only replayed", "differs in"]
_DAY = ["%Y-%m-%d"]


class Source(StrEnum):
    archive = "archive"
    bronze = "bronze"


def replay_command(
    domain: Annotated[str, typer.Argument(help="Such as `ecommerce`.")],
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, help="Of gold by date, only from this business date on."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=_DAY, help="… until this one; without it, only that one."),
    ] = None,
    source: Annotated[
        Source, typer.Option(help="The archived files, which are in Glacier after 90 days, or bronze.")
    ] = Source.archive,
    rejected_share_limit: Annotated[
        float | None, typer.Option(min=0, max=1, help="Let this share of a table's rows be rejected.")
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Fail where a table differs.")] = False,
    switch: Annotated[
        bool, typer.Option("--switch", help="Replace what differs, once somebody approves in Airflow.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Kept with the run, and shown to who approves.")] = "",
) -> None:
    """Make silver and gold a second time beside the live tables, and compare. Without `--switch` nothing live changes.

    Examples:
    - `lakehouse replay ecommerce --verify`

    - `lakehouse replay ecommerce --source bronze --from 2026-04-01 --to 2026-04-07 --switch --reason "wrong totals"`
    """
    require_domain(domain)
    if verify and switch:
        raise CommandError("--verify changes nothing and --switch does: choose one")
    if until and not since:
        raise CommandError("--to needs --from: give both, or only --from for one date")
    if since and until and until < since:
        raise CommandError(f"the range of dates runs backwards: from {since.date()} to {until.date()}")
    settings = read_settings()
    buckets = settings.buckets(domain)
    if source is Source.archive:
        _require_archive(domain, bucket_of("raw", buckets))
    if switch:
        console().print("Where tables differ, `approve` of the DAG `replay` asks: Airflow, Required Actions.")
    conf = _conf(domain, source, since, until, rejected_share_limit) | {"switch": switch, "reason": reason}
    run = run_dag(console(), "replay", conf)
    document = f"metadata/replays/runs/{key_safe(run.run_id)}/comparison.json"
    found = findings(read_document(f"s3://{bucket_of('metadata', buckets)}/{document}"))
    show(
        Result(_COLUMNS, [_row(one) for one in found]), title=f"{domain}: live against replayed from {source}"
    )
    console().print(str(run))
    differing = [one.address for one in found if not one.is_equal]
    if verify and differing:
        raise CommandError(f"{len(differing)} tables differ from their replay: {', '.join(differing)}")


def _require_archive(domain: str, bucket: str) -> None:
    try:
        for contract in tables(domain, "bronze"):
            require_readable(bucket, contract.name)
    except ArchiveError as error:
        raise CommandError(str(error)) from error


def _conf(
    domain: str, source: Source, since: datetime | None, until: datetime | None, limit: float | None
) -> dict[str, Any]:
    conf: dict[str, Any] = {"domain": domain, "source": source.value}
    for name, day in (("from", since), ("to", until)):
        if day:
            conf[name] = day.date().isoformat()
    if limit is not None:
        conf["rejected_share_limit"] = limit
    return conf


def _row(found: Finding) -> list[str | None]:
    counts = (found.live_rows, found.replayed_rows, found.only_live, found.only_replayed)
    return [found.address, *(str(count) for count in counts), found.where]


def register(app: typer.Typer) -> None:
    app.command("replay")(replay_command)
