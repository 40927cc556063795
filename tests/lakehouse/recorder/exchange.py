"""The tests' adversary: a WebSocket server that sends exactly what it is told, and remembers it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Script = Callable[["Client"], Any]


def message(channel: str, sequence_num: int, *events: dict[str, Any]) -> str:
    """A message as the exchange writes it; the members are those of its recorded messages."""
    head = {"channel": channel, "client_id": "", "timestamp": "2026-04-07T14:30:00.123456Z"}
    return json.dumps(head | {"sequence_num": sequence_num, "events": list(events)})


class Client:
    """One client of the exchange.

    Attributes:
        number: 0 for the first connection.
        requests: What the client asked for.
        sent: Every frame, as bytes.
    """

    def __init__(self, socket: ServerConnection, number: int) -> None:
        self.socket = socket
        self.number = number
        self.requests: list[dict[str, Any]] = []
        self.sent: list[bytes] = []
        self.sequence = 0
        self._asked = asyncio.Event()

    async def send(self, frame: str | bytes) -> None:
        self.sent.append(frame.encode() if isinstance(frame, str) else frame)
        await self.socket.send(frame)

    async def next(self, channel: str, *events: dict[str, Any]) -> None:
        """Send a message with the next sequence number."""
        number, self.sequence = self.sequence, self.sequence + 1
        await self.send(message(channel, number, *events))

    async def requested(self, count: int) -> None:
        """Return when the client has sent so many requests."""
        while len(self.requests) < count:
            self._asked.clear()
            await self._asked.wait()

    async def confirm(self) -> None:
        """Wait for the four subscriptions of a recorder and confirm them."""
        await self.requested(4)
        channels = {request["channel"]: request.get("product_ids", []) for request in self.requests}
        await self.next("subscriptions", {"subscriptions": channels})

    async def listen(self) -> None:
        try:
            async for request in self.socket:
                self.requests.append(json.loads(request))
                self._asked.set()
        except ConnectionClosed:
            pass


class Exchange:
    """Runs the script with each client; the connection closes when the script returns."""

    def __init__(self, script: Script) -> None:
        self.clients: list[Client] = []
        self.url = ""
        self._script = script

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Exchange"]:
        async with serve(self._serve, "127.0.0.1", 0, compression=None, max_size=None) as server:
            self.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _serve(self, socket: ServerConnection) -> None:
        client = Client(socket, len(self.clients))
        self.clients.append(client)
        listener = asyncio.create_task(client.listen())
        try:
            await self._script(client)
        except ConnectionClosed:
            pass
        finally:
            listener.cancel()


@asynccontextmanager
async def slow_link(url: str, bytes_a_second: float) -> AsyncIterator[str]:
    """A URL that leads to the other one, but not faster than this."""
    host, port = url.removeprefix("ws://").split(":")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(port))

        async def there() -> None:
            while data := await reader.read(4096):
                far_writer.write(data)
            far_writer.close()

        async def back() -> None:
            while data := await far_reader.read(4096):
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(len(data) / bytes_a_second)
            writer.close()

        await asyncio.gather(there(), back(), return_exceptions=True)

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class ExchangeThread:
    """An exchange for recorders that are processes of their own."""

    def __init__(self, script: Script) -> None:
        self.exchange = Exchange(script)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()], daemon=True)

    def __enter__(self) -> Exchange:
        self._thread.start()
        assert self._ready.wait(10), "the exchange did not start"
        return self.exchange

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        async with self.exchange.serving():
            self._ready.set()
            await self._stop.wait()
