"""The socket of one connection: texts go out in batches, and it ends the way its session does."""

import asyncio
import socket
import struct

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import OPEN

from lakehouse.simulate.coinbase.session import Ending, Session

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing the socket sends RST instead of what is still unsent."""


class Line:
    """Sends what its session has to say; one client's slowness holds up only whoever waits for it."""

    def __init__(self, connection: ServerConnection, session: Session, delay_seconds: float) -> None:
        self.session = session
        self._connection = connection
        self._delay_seconds = delay_seconds
        self._sending = asyncio.Lock()
        self._ended = False

    async def flush(self) -> None:
        """Send the outbox, wait until the client has taken most of it, then end if the session has."""
        async with self._sending:
            if self._ended:
                return
            if self.session.held_up:
                self.session.held_up = False
                await asyncio.sleep(self._delay_seconds)
            try:
                await self._send()
                if self.session.ending:
                    self._ended = True
                    await self._end(self.session.ending)
            except (ConnectionClosed, OSError):
                self._ended = True

    def cut(self) -> None:
        """Give up the connection, if it is still there."""
        self._connection.transport.abort()

    async def _send(self) -> None:
        """All frames in one write: a system call per message would be most of the work."""
        texts, self.session.outbox = self.session.outbox, []
        protocol = self._connection.protocol
        if not texts or protocol.state is not OPEN:
            return
        for text in texts:
            protocol.send_text(text.encode())
        self._connection.transport.write(b"".join(protocol.data_to_send()))
        await self._connection.drain()

    async def _end(self, ending: Ending) -> None:
        transport = self._connection.transport
        if ending is Ending.ABORT:
            connected: socket.socket = transport.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            transport.abort()
        elif ending is Ending.SILENCE:
            transport.pause_reading()
        elif ending is Ending.DISCONNECT:
            await self._connection.close(1001, "going away")
        elif ending is Ending.IDLE:
            await self._connection.close(1008, "no subscription")
        else:
            await self._connection.close(1000)
