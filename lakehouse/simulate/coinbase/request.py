"""What a client asks for.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview: one channel per request; no
product_ids is all of them. Errors have `type` and `message`; that of a product has a `reason` too, worded as
https://docs.cdp.coinbase.com/exchange/websocket-feed/overview has it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

CHANNELS = ("ticker", "level2", "market_trades", "heartbeats")


class RequestRefusedError(Exception):
    """The exchange does not do what a client asks; the text is the message of its error."""

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """To subscribe to a channel for some products, or to unsubscribe."""

    subscribe: bool
    channel: str
    product_ids: tuple[str, ...]


def parse_request(text: str | bytes, listed: Collection[str]) -> Request:
    """Read a request of a client.

    Raises:
        RequestRefusedError: It is none, or for a channel or product that does not exist.
    """
    try:
        asked = json.loads(text)
    except ValueError as error:
        raise RequestRefusedError("malformed request") from error
    kind = asked.get("type") if isinstance(asked, dict) else None
    if kind not in {"subscribe", "unsubscribe"}:
        raise RequestRefusedError("subscribe or unsubscribe required")
    failed = f"Failed to {kind}"
    channel = asked.get("channel")
    if channel not in CHANNELS:
        raise RequestRefusedError(failed, f"{channel} is not a valid channel")
    if channel == "heartbeats":
        return Request(kind == "subscribe", channel, ("heartbeats",))
    product_ids = tuple(asked.get("product_ids") or listed)
    for product_id in product_ids:
        if product_id not in listed:
            raise RequestRefusedError(failed, f"{product_id} is not a valid product")
    return Request(kind == "subscribe", channel, product_ids)
