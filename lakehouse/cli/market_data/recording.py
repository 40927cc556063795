"""A simulated exchange, recorded by the recorder, all in this process."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakehouse.cli.failure import CommandError
from lakehouse.recorder.feed import FeedError
from lakehouse.recorder.service import Options, Outcome, record
from lakehouse.recorder.subscription import CHANNELS, Subscription
from lakehouse.recorder.write_ahead import WriteAheadError
from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.server import running_exchange
from lakehouse.storage.objects.store import ObjectStore

REQUESTS = len(CHANNELS)
"""A recorder subscribes to each channel by itself; the market waits until it has all."""
SEGMENT_BYTES = 8_000_000
"""Small enough that a few minutes make more than one segment."""


def simulate_and_record(simulation: Simulation, store: ObjectStore, folder: Path) -> Outcome:
    """Record an exchange from its opening to its end; afterwards the vault has its segments.

    Raises:
        CommandError: A port, the folder or the vault refuses.
    """
    try:
        with _expected_disconnections():
            outcome = asyncio.run(_record(simulation, store, folder))
    except (FeedError, WriteAheadError, OSError) as error:
        raise CommandError(f"the simulated exchange could not be recorded: {error}") from error
    if outcome.left:
        raise CommandError(
            f"{outcome.left} segments could not be uploaded to {store.uri()}: see the reasons above, then try again"
        )
    return outcome


async def _record(simulation: Simulation, store: ObjectStore, folder: Path) -> Outcome:
    async with running_exchange(simulation) as server:
        products = tuple(server.exchange.market.listings)
        return await record(
            Subscription(server.url, products),
            store,
            Options(folder, segment_size=SEGMENT_BYTES, metrics_interval=0),
            until=server.wait_until_over,
        )


@contextmanager
def _expected_disconnections() -> Iterator[None]:
    """That the exchange closes at its end, and where a fault says so, is no news."""
    logger = logging.getLogger("lakehouse.recorder.feed")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
