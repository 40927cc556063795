"""`lakehouse simulate coinbase`: an exchange on this machine that speaks Coinbase's WebSocket protocol."""

import asyncio
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from lakehouse.cli.console import WIDTH_OF_A_FILE
from lakehouse.cli.failure import CommandError
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults
from lakehouse.simulate.coinbase.times import rfc3339

if TYPE_CHECKING:
    from lakehouse.simulate.coinbase.server import ExchangeServer

STATUS_SECONDS = 0.5


class HeartbeatStyle(StrEnum):
    number = "number"
    text = "text"


def coinbase_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one; its URL is printed.")] = 8765,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market and faults.")] = 1,
    products: Annotated[int, typer.Option(min=1, help="How many: BTC-USD, ETH-USD and so on.")] = 3,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="Opening, in UTC; default: now."),
    ] = None,
    rate: Annotated[float, typer.Option(help="Events of the market per second of the exchange.")] = 100.0,
    speed: Annotated[
        float, typer.Option(min=0, help="Seconds of the exchange per second; 0: as fast as clients read.")
    ] = 1.0,
    trade_share: Annotated[float, typer.Option(min=0, max=1, help="Of the events that are trades.")] = 0.2,
    depth: Annotated[int, typer.Option(min=2, help="Levels of each side of a book.")] = 50,
    messages: Annotated[int | None, typer.Option(min=1, help="End after so many messages.")] = None,
    minutes: Annotated[float | None, typer.Option(help="End after so many minutes of the exchange.")] = None,
    heartbeat_format: Annotated[
        HeartbeatStyle, typer.Option(help="Heartbeats count in a number, or in text with Go's form of time.")
    ] = HeartbeatStyle.number,
    start_after: Annotated[
        int, typer.Option(min=1, help="Requests to subscribe of a connection before the market moves.")
    ] = 1,
    runs_unheard: Annotated[bool, typer.Option(help="Go on while nobody listens.")] = False,
    enforce_limits: Annotated[bool, typer.Option(help="8 connections and 8 requests a second.")] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Such as drop=0.001, abort=nth:5000, outage_seconds=3, snapshot_megabytes=20."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Write the truth there: trades, messages, gaps, minutes.")
    ] = None,
) -> None:
    """Serve ticker, level2, market_trades and heartbeats of made-up markets.

    Example: `lakehouse simulate coinbase --minutes 10 --speed 60 --fault drop=0.001 --ledger truth.ndjson`
    """
    try:
        simulation = Simulation(
            host=host,
            port=port,
            seed=seed,
            products=products,
            start=start.replace(tzinfo=UTC) if start else datetime.now(UTC),
            rate=rate,
            speed=speed,
            trade_share=trade_share,
            depth=depth,
            messages=messages,
            minutes=minutes,
            heartbeat_format=heartbeat_format.value,
            start_after=start_after,
            runs_unheard=runs_unheard,
            enforce_limits=enforce_limits,
            faults=Faults.parse(fault or ()),
            ledger=ledger,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        asyncio.run(_serve(simulation))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(
            f"cannot serve on {host}:{port} or write {ledger or 'the ledger'}: {reason}; "
            f"choose another --port (0: a free one), or another --ledger"
        ) from error


async def _serve(simulation: Simulation) -> None:
    # websockets belongs to the extra `market`; the other commands do without.
    from lakehouse.simulate.coinbase.server import running_exchange  # noqa: PLC0415

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with running_exchange(simulation) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        over = asyncio.ensure_future(server.wait_until_over())
        stop = asyncio.ensure_future(stopped.wait())
        await _show_status(server, over, stop)


async def _show_status(
    server: "ExchangeServer", over: "asyncio.Future[None]", stop: "asyncio.Future[Literal[True]]"
) -> None:
    """Keep a line on standard error until the exchange is over or stopped; standard output has the URL alone."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    clock = asyncio.get_running_loop().time
    before, wall = 0, clock()
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while not (over.done() or stop.done()):
            await asyncio.wait((over, stop), timeout=STATUS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            now, messages = clock(), server.exchange.ledger.messages
            pace = (messages - before) / max(now - wall, 1e-9)
            before, wall = messages, now
            live.update(Text(_status(server, pace)), refresh=True)
    for future in (over, stop):
        future.cancel()
        with suppress(asyncio.CancelledError):
            await future


def _status(server: "ExchangeServer", pace: float) -> str:
    exchange = server.exchange
    ledger = exchange.ledger
    return (
        f"{rfc3339(exchange.now)[:19]}Z  {len(exchange.sessions)} connected  {ledger.messages:,} messages"
        f"  {pace:,.0f}/s  {ledger.trades:,} trades  {ledger.gaps:,} gaps"
    )
