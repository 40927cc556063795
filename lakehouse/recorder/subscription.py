"""What to record, and the messages that ask for it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

ENDPOINT = "wss://advanced-trade-ws.coinbase.com"
CHANNELS = ("ticker", "level2", "market_trades", "heartbeats")
_OF_USDC = ("USDT-USDC", "EURC-USDC")


def sent_as(product: str) -> str:
    """The name under which public channels send a product: of those in USDC all but two are their product in USD.

    https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-endpoints
    """
    return product if product in _OF_USDC else re.sub("-USDC$", "-USD", product)


@dataclass(frozen=True)
class Subscription:
    """What to record.

    Attributes:
        endpoint: URL, `wss://…`.
        products: Such as `BTC-USD`, by the names under which they are sent.
        channels: Out of CHANNELS; heartbeats are subscribed to in any case.
        silence: Seconds without any message after which the connection counts as dead.
        confirmation: Seconds within which every channel must be confirmed.
    """

    endpoint: str
    products: tuple[str, ...]
    channels: tuple[str, ...] = CHANNELS
    silence: float = 10.0
    confirmation: float = 10.0

    def all_channels(self) -> list[str]:
        """Each once, heartbeats first, so that the connection proves alive."""
        return list(dict.fromkeys(("heartbeats", *self.channels)))

    def request(self, kind: str, channel: str) -> str:
        """The message that subscribes to a channel, or unsubscribes from it."""
        products: Sequence[str] = () if channel == "heartbeats" else self.products
        asked = {"product_ids": list(products)} if products else {}
        return json.dumps({"type": kind, **asked, "channel": channel})
