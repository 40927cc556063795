"""One connection: subscribe, read, prove alive, ask for a new book after a gap."""

import asyncio
import time
from collections.abc import Callable, Coroutine

from websockets.exceptions import ConnectionClosed

from lakehouse.recorder.counts import Counts
from lakehouse.recorder.hearing import HearingConnection
from lakehouse.recorder.intake import Intake
from lakehouse.recorder.limits import RateLimit
from lakehouse.recorder.session import ExchangeError, Session
from lakehouse.recorder.subscription import Subscription

_SECONDS_BETWEEN_RESUBSCRIPTIONS = 1.0


class SubscriptionRefusedError(RuntimeError):
    """The exchange answered a subscription with an error, in its own words."""


class Connection:
    """Records an open connection until it ends.

    Args:
        socket: The open connection.
        session: Takes its frames.
        subscription: What to ask for.
        gap: Set by the session at each gap.
        intake: Asked whether there is room.
        counts: Says when the last frame came.
        messages: The limit on messages that are sent.
    """

    def __init__(
        self,
        socket: HearingConnection,
        session: Session,
        subscription: Subscription,
        gap: asyncio.Event,
        intake: Intake,
        counts: Counts,
        messages: RateLimit,
    ) -> None:
        self._socket = socket
        self._session = session
        self._subscription = subscription
        self._gap = gap
        self._intake = intake
        self._counts = counts
        self._messages = messages
        self._reason: str | None = None

    async def record(self) -> str:
        """Record until the connection ends; returns why.

        Raises:
            SubscriptionRefusedError: The exchange sent an error before it had confirmed every channel.
        """
        self._session.connected(self._subscription.endpoint)
        reason = "cancelled"
        helpers = [
            asyncio.create_task(self._until_closed(helper))
            for helper in (self._subscribe, self._watch_silence, self._heal)
        ]
        try:
            reason = await self._read()
        except SubscriptionRefusedError as error:
            reason = f"subscription refused: {error}"
            raise
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            self._session.disconnected(reason)
        return reason

    async def close(self, reason: str) -> None:
        """End the connection for this reason."""
        self._reason = self._reason or reason
        await self._socket.close()

    async def _read(self) -> str:
        receive, take, intake = self._socket.recv, self._session.frame, self._intake
        try:
            while True:
                # Bytes even of text: a frame that is no UTF-8 must be kept, and most are not looked into.
                take(await receive(decode=False))
                if intake.is_full:
                    await intake.room()
        except ConnectionClosed as error:
            return self._reason or f"closed by the exchange or the network: {error}"
        except ExchangeError as error:
            if self._missing():
                raise SubscriptionRefusedError(str(error)) from error
            return f"error of the exchange: {error}"

    async def _subscribe(self) -> None:
        for channel in self._subscription.all_channels():
            await self._send("subscribe", channel)
        # What confirms comes behind the snapshots: they may take their time.
        await self._without(self._subscription.confirmation, lambda: self._socket.last_of_large)
        if missing := self._missing():
            await self.close(f"{', '.join(missing)} not confirmed in {self._subscription.confirmation:g} s")

    async def _heal(self) -> None:
        """After a gap no book can be trusted: subscribe to level2 anew, which begins with a snapshot."""
        while "level2" in self._subscription.channels:
            await self._gap.wait()
            self._gap.clear()
            await self._send("unsubscribe", "level2")
            await self._send("subscribe", "level2")
            await asyncio.sleep(_SECONDS_BETWEEN_RESUBSCRIPTIONS)

    async def _watch_silence(self) -> None:
        await self._without(self._subscription.silence, lambda: self._counts.last_received)
        await self.close(f"no message for {self._subscription.silence:g} s")

    async def _without(self, seconds: float, last: Callable[[], float]) -> None:
        """Return when `last`, from now on, is so long ago."""
        # Not by the clock of the lines, which may be set back or forth.
        begun = time.monotonic()
        while (quiet := time.monotonic() - max(begun, last())) < seconds:
            await asyncio.sleep(seconds - quiet)

    async def _send(self, kind: str, channel: str) -> None:
        await self._messages.take()
        await self._socket.send(self._subscription.request(kind, channel))

    def _missing(self) -> list[str]:
        return [
            channel for channel in self._subscription.all_channels() if channel not in self._session.confirmed
        ]

    async def _until_closed(self, helper: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await helper()
        except ConnectionClosed as error:
            self._reason = self._reason or f"closed by the exchange or the network: {error}"
