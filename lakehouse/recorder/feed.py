"""The feed: connect, record, connect again.

Channels and limits: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from functools import partial
from typing import cast
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidURI, WebSocketException

from lakehouse.recorder.connection import Connection, SubscriptionRefusedError
from lakehouse.recorder.counts import Counts
from lakehouse.recorder.envelope import Envelope
from lakehouse.recorder.hearing import HearingConnection
from lakehouse.recorder.intake import Intake
from lakehouse.recorder.limits import CONNECTIONS_A_SECOND, MESSAGES_A_SECOND, Backoff, RateLimit
from lakehouse.recorder.session import Session
from lakehouse.recorder.subscription import ENDPOINT, Subscription

logger = logging.getLogger(__name__)

LARGEST_MESSAGE = 256 * 1024 * 1024
"""Bytes; a snapshot of level2 has tens of megabytes, where websockets allows one by default."""
_QUEUED_FRAMES = 4096
_CLOSE_SECONDS = 2
_SETTLED_SECONDS = 30
_STOPPED = "the recorder was stopped"
_RATE_LIMITED = "rate limit"
"""In the words of the exchange where others on this IP address ask for much: it passes."""


class FeedError(RuntimeError):
    """The feed cannot be recorded at all; the message says why and what to do."""


class Feed:
    """Records one subscription until it is stopped.

    Args:
        subscription: What to record.
        envelope: Makes the lines.
        intake: Takes them.
        counts: Kept up to date.
        backoff: Pauses between connections.
    """

    def __init__(
        self,
        subscription: Subscription,
        envelope: Envelope,
        intake: Intake,
        counts: Counts,
        backoff: Backoff | None = None,
    ) -> None:
        self._subscription = subscription
        self._envelope = envelope
        self._intake = intake
        self._counts = counts
        self._backoff = backoff or Backoff()
        self._connections = RateLimit(CONNECTIONS_A_SECOND)
        self._messages = RateLimit(MESSAGES_A_SECOND)
        self._stopping = asyncio.Event()
        self._open: Connection | None = None
        self._was_confirmed = False

    async def stop(self) -> None:
        """Close the connection and let `run` return."""
        self._stopping.set()
        if self._open:
            await self._open.close(_STOPPED)

    async def run(self) -> None:
        """Record; raises FeedError when the exchange refuses from the start or there is no such endpoint."""
        endpoint = self._subscription.endpoint
        while not self._stopping.is_set():
            await self._connections.take()
            started = time.monotonic()
            try:
                reason = await self._connect()
            except InvalidURI as error:
                raise FeedError(f"{error}; give --endpoint a URL such as {ENDPOINT}") from error
            except SubscriptionRefusedError as error:
                # What was confirmed before is asked for rightly: the exchange refuses it for a while, not for good.
                if not (self._was_confirmed or _RATE_LIMITED in str(error)):
                    raise FeedError(
                        f"{endpoint} refused the subscription: {error}; check --products and --channels"
                    ) from error
                reason = f"subscription refused: {error}"
            except (OSError, TimeoutError, WebSocketException) as error:
                reason = f"{type(error).__name__}: {error}"
            if time.monotonic() - started > _SETTLED_SECONDS:
                self._backoff.reset()
            if not self._stopping.is_set():
                pause = self._backoff.pause()
                logger.warning("%s: %s; connecting again in %.1f s", endpoint, reason, pause)
                await self._stopped_within(pause)

    async def _connect(self) -> str:
        """Record one connection; returns why it ended."""
        opening = connect(
            self._subscription.endpoint,
            max_size=LARGEST_MESSAGE,
            max_queue=_QUEUED_FRAMES,
            close_timeout=_CLOSE_SECONDS,
            compression=None,
            # A pong would come behind a snapshot that takes longer; silence ends a dead connection without.
            ping_interval=None,
            create_connection=partial(HearingConnection, self._counts),  # type: ignore[arg-type] # as good as a class
        )
        socket = cast("HearingConnection | None", await self._unless_stopped(opening))
        if socket is None:
            return _STOPPED
        async with socket:
            if self._stopping.is_set():
                return _STOPPED
            gap = asyncio.Event()
            subscription, intake, counts = self._subscription, self._intake, self._counts
            products, channels = list(subscription.products), subscription.all_channels()
            session = Session(uuid4().hex, products, channels, self._envelope, intake, counts, gap.set)
            self._open = Connection(socket, session, subscription, gap, intake, counts, self._messages)
            counts.connections += 1
            counts.is_connected = True
            try:
                return await self._open.record()
            finally:
                counts.is_connected = False
                self._was_confirmed |= session.confirmed.issuperset(channels)
                self._open = None

    async def _unless_stopped(self, opening: Awaitable[ClientConnection]) -> ClientConnection | None:
        """The open connection; None where the recorder is stopped before."""
        tasks = asyncio.ensure_future(opening), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return tasks[0].result() if tasks[0].done() else None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _stopped_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass
