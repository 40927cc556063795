"""What the messages of the feed say: each payload is parsed once, for all tables that are made of it.

Channels and fields: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
"""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.held import held

BOOKS, TRADES = "l2_data", "market_trades"
CHANNELS = ("heartbeats", BOOKS, TRADES, "subscriptions", "ticker")

TICKER = (
    "product_id",
    "price",
    "volume_24_h",
    "low_24_h",
    "high_24_h",
    "low_52_w",
    "high_52_w",
    "price_percent_chg_24_h",
    "best_bid",
    "best_bid_quantity",
    "best_ask",
    "best_ask_quantity",
)
UPDATE = ("side", "event_time", "price_level", "new_quantity")
TRADE = ("trade_id", "product_id", "price", "size", "side", "time")


def _struct(members: Iterable[str], *nested: str) -> str:
    """A type as DDL; every leaf is text, as the exchange wrote it."""
    return f"struct<{', '.join([*(f'{name}: string' for name in members), *nested])}>"


_ITEMS = {"tickers": TICKER, "updates": UPDATE, "trades": TRADE}
_EVENT = _struct(
    ("type", "product_id", "heartbeat_counter"),
    *(f"{name}: array<{_struct(members)}>" for name, members in _ITEMS.items()),
)
_MESSAGE = _struct(
    ("channel", "timestamp", "sequence_num", "type", "message"),  # the last two of what the exchange refuses
    f"events: array<{_EVENT}>",
)


def parsed(lines: DataFrame) -> DataFrame:
    """The lines with what their payload says instead of it.

    `message` is null where the payload is no JSON. `is_sound`: it is JSON without a key that an object has twice, of
    which `from_json` would take the last.
    """
    message = F.from_json("payload", _MESSAGE)
    is_sound = F.try_parse_json(F.col("payload")).isNotNull()
    return held(lines.withColumns({"message": message, "is_sound": is_sound}).drop("payload"))
