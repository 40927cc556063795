"""`lakehouse record`: write down what a source sends, without losing any of it."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli.console import errors
from lakehouse.cli.failure import CommandError
from lakehouse.cli.settings import read_settings
from lakehouse.logs import log_ids
from lakehouse.recorder.subscription import CHANNELS, ENDPOINT, Subscription, sent_as
from lakehouse.settings import Backend
from lakehouse.storage.objects.factory import object_store

app = typer.Typer(help="Record live data of a source into the vault.", no_args_is_help=True)

MEGABYTE = 1_000_000


@app.command("coinbase")
def coinbase_command(
    products: Annotated[str, typer.Option(help="Separated by commas.")] = "BTC-USD,ETH-USD",
    channels: Annotated[
        str, typer.Option(help="Separated by commas; heartbeats come in any case.")
    ] = ",".join(CHANNELS),
    endpoint: Annotated[str, typer.Option(help="URL.")] = ENDPOINT,
    storage: Annotated[
        Backend | None, typer.Option(help="Where the vault is, instead of the setting storage.backend.")
    ] = None,
    base_dir: Annotated[
        str | None, typer.Option(help="Folder of a local vault, instead of the setting storage.base_dir.")
    ] = None,
    segment_size: Annotated[float, typer.Option(help="MB of a segment at most.", min=0.001)] = 100,
    segment_age: Annotated[
        float, typer.Option(help="Seconds after which a smaller one is finished.", min=0.1)
    ] = 900,
    flush_records: Annotated[int, typer.Option(help="Lines that are flushed at once.", min=1)] = 100,
    flush_interval: Annotated[
        int, typer.Option(help="Milliseconds after which fewer are flushed too.", min=1)
    ] = 250,
    write_ahead_dir: Annotated[
        Path, typer.Option(help="On a disk that survives a restart; one recorder each.")
    ] = Path(".lakehouse/recorder"),
    health_port: Annotated[int | None, typer.Option(help="Answer GET /health there.")] = None,
    metrics_interval: Annotated[
        float, typer.Option(help="Seconds between two documents of metrics; 0 for none.", min=0)
    ] = 60,
) -> None:
    """Record public channels of the Coinbase Advanced Trade WebSocket until it is stopped.

    Example: `lakehouse record coinbase --products BTC-USD,ETH-USD --health-port 8089`
    """
    try:
        from lakehouse.recorder.feed import FeedError  # noqa: PLC0415 - only this command needs websockets
        from lakehouse.recorder.service import DATASET, Options, record  # noqa: PLC0415
        from lakehouse.recorder.write_ahead import WriteAheadError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CommandError(f"{error.name} is missing: install lakehouse[cli,market]") from error
    subscription = Subscription(endpoint, _products(products), _channels(channels))
    options = Options(
        write_ahead_dir,
        segment_size=round(segment_size * MEGABYTE),
        segment_age=segment_age,
        flush_records=flush_records,
        flush_interval=flush_interval / 1000,
        health_port=health_port,
        metrics_interval=metrics_interval,
    )
    settings = read_settings(storage=_storage(storage, base_dir))
    # A service: its log says how it fares.
    logging.getLogger("lakehouse.recorder").setLevel(settings.log_level or logging.INFO)
    try:
        with log_ids(domain=settings.storage.domain, layer="raw", table=DATASET, step="record"):
            outcome = asyncio.run(record(subscription, object_store(settings), options))
    except FeedError as error:
        raise CommandError(str(error), exit_code=3) from error
    except (WriteAheadError, OSError, ValueError) as error:
        raise CommandError(str(error)) from error
    counts = outcome.counts
    errors().print(
        f"{counts.messages} messages, {counts.acknowledged} lines acknowledged, {counts.gaps} gaps, "
        f"{outcome.uploaded} segments uploaded"
    )
    if outcome.left:
        raise CommandError(
            f"{outcome.left} segments could not be uploaded and wait in {write_ahead_dir}: start the recorder again "
            "when the vault can be reached"
        )


def _storage(backend: Backend | None, base_dir: str | None) -> dict[str, str]:
    """The settings of the vault that are given; a folder that is set for local means nothing to S3."""
    given = {"backend": backend, "base_dir": "" if backend == "s3" and base_dir is None else base_dir}
    return {name: value for name, value in given.items() if value is not None}


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise typer.BadParameter(f"{text!r} names nothing")
    return names


def _products(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if (sent := sent_as(name)) != name:
            errors().print(f"{name} is sent, and recorded, as {sent}")
    return tuple(dict.fromkeys(map(sent_as, names)))


def _channels(text: str) -> tuple[str, ...]:
    names = _names(text)
    if unknown := set(names) - set(CHANNELS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is {', '.join(CHANNELS)}")
    return names


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="record")
