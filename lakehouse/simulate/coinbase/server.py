"""The exchange behind a WebSocket."""

import asyncio
import http
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.exchange import Exchange
from lakehouse.simulate.coinbase.ledger import Ledger
from lakehouse.simulate.coinbase.limits import RateLimit
from lakehouse.simulate.coinbase.line import Line
from lakehouse.simulate.coinbase.pace import Pace
from lakehouse.simulate.coinbase.session import Ending

BATCH = 64
"""Events between two looks at who has taken what, so that a client's requests are answered soon."""
LEDGER_FLUSH_SECONDS = 1.0
GOODBYE_SECONDS = 2.0
"""How long a stopping exchange waits for clients that do not read."""


class ExchangeServer:
    """An exchange that moves while somebody listens, as fast as `Simulation.speed` says.

    Attributes:
        exchange: For looking at, not for moving.
        url: Where it listens.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.url = ""
        self._simulation = exchange.simulation
        self._lines: set[Line] = set()
        self._requested = asyncio.Event()
        self._requests = RateLimit()
        self._connections = RateLimit()
        self._over = asyncio.Event()
        self._finished = False

    async def wait_until_over(self) -> None:
        """Return when the exchange has said its last, never where neither messages nor minutes end it."""
        await self._over.wait()

    async def move(self) -> None:
        """Run the market until it is over, then say goodbye to everybody."""
        try:
            await self._move_until_over()
        except Exception:
            for line in self._lines:
                line.cut()
            raise
        finally:
            self._over.set()

    async def stop(self) -> None:
        """Complete the ledger and let clients have what it says was sent to them."""
        self._finish()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._flush()
        for line in self._lines:
            line.cut()

    async def _move_until_over(self) -> None:
        clock = asyncio.get_running_loop().time
        pace = Pace(self._simulation.speed)
        while not self.exchange.over:
            if not self._moves():
                pace.stop()
                self._requested.clear()
                await self._requested.wait()
                continue
            wait = self._advance(pace, clock)
            await self._flush()
            await asyncio.sleep(max(wait, 0.0))
        self._finish()
        await self._flush()

    async def serve_client(self, connection: ServerConnection) -> None:
        """Answer one client until either side ends."""
        if self._finished or self.exchange.over:
            await connection.close(1000)
            return
        line = Line(connection, self.exchange.connect(), self._simulation.faults.delay_seconds)
        self._lines.add(line)
        try:
            with suppress(ConnectionClosed):
                await self._answer(connection, line)
        finally:
            self.exchange.leave(line.session, Ending.CLIENT)
            self._lines.discard(line)

    def refuse_connection(self, connection: ServerConnection, _: Request) -> Response | None:
        """Answer 429 to a client that connects too often, where limits hold."""
        clock = asyncio.get_running_loop().time
        if self._simulation.enforce_limits and not self._connections.allows(clock()):
            return connection.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "rate limit exceeded\n")
        return None

    async def _answer(self, connection: ServerConnection, line: Line) -> None:
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._simulation.subscribe_seconds) as idle:
                async for text in connection:
                    if self._simulation.enforce_limits and not self._requests.allows(clock()):
                        line.session.fail("rate limit exceeded")
                    else:
                        self.exchange.answer(line.session, text)
                    if line.session.requests:
                        idle.reschedule(None)
                    self._requested.set()
                    await line.flush()
        except TimeoutError:
            self.exchange.leave(line.session, Ending.IDLE)
            await line.flush()
        # A silent connection reads nothing any more, so only the client can end it.
        await connection.wait_closed()

    def _finish(self) -> None:
        if not self._finished:
            self._finished = True
            self.exchange.end()

    def _moves(self) -> bool:
        unheard = self._simulation.runs_unheard and self._simulation.speed > 0
        return unheard or self.exchange.moves

    def _advance(self, pace: Pace, clock: Callable[[], float]) -> float:
        """Let happen what is due, a batch at most; return the seconds until the next thing is."""
        exchange = self.exchange
        for _ in range(BATCH):
            wait = pace.seconds_until(exchange.next_time, clock(), exchange.now)
            if wait > 0:
                return wait
            exchange.advance()
            if exchange.over or not self._moves():
                break
        return 0.0

    async def _flush(self) -> None:
        lines = [line for line in self._lines if line.session.outbox or line.session.ending]
        if lines:
            await asyncio.gather(*(line.flush() for line in lines))


@asynccontextmanager
async def running_exchange(simulation: Simulation) -> AsyncIterator[ExchangeServer]:
    """Run an exchange; afterwards its port is closed and its ledger complete."""
    with Ledger(simulation) as ledger:
        server = ExchangeServer(Exchange(simulation, ledger))
        # Frames are not compressed and clients not pinged: neither is what a simulated exchange is for.
        async with serve(
            server.serve_client,
            simulation.host,
            simulation.port,
            process_request=server.refuse_connection,
            compression=None,
            ping_interval=None,
            logger=logging.getLogger(__name__),
        ) as listener:
            host, port = listener.sockets[0].getsockname()[:2]
            server.url = f"ws://{host}:{port}"
            moving = asyncio.create_task(server.move())
            flushing = asyncio.create_task(_flush_regularly(ledger))
            try:
                yield server
            finally:
                flushing.cancel()
                moving.cancel()
                with suppress(asyncio.CancelledError):
                    await moving
                await server.stop()


@asynccontextmanager
async def simulated_exchange(simulation: Simulation) -> AsyncIterator[str]:
    """Run an exchange and give the URL of its WebSocket, for tests and demos in one process."""
    async with running_exchange(simulation) as server:
        yield server.url


async def _flush_regularly(ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(LEDGER_FLUSH_SECONDS)
        ledger.flush()
