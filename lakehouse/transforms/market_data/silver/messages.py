"""What the recorder received or noticed: one row per line."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.records.cast import FAULT
from lakehouse.transforms.market_data.feed import own_columns, utc_date
from lakehouse.transforms.market_data.payload import BOOKS, CHANNELS, TRADES, parsed
from lakehouse.transforms.market_data.silver.level2 import refused_books
from lakehouse.transforms.market_data.silver.market_trades import refused_trades

KINDS = ("message", "gap", "connected", "disconnected")
ERROR = "error"
"""Channel of a message in which the exchange says that it cannot do something."""


def transform(*, coinbase_messages: DataFrame) -> DataFrame:
    """market_data.bronze.coinbase_messages → market_data.silver.messages."""
    channel = F.when(F.col("message.type") == "error", F.lit(ERROR)).otherwise(F.col("message.channel"))
    received = F.timestamp_micros(F.floor(F.col("received_ns").try_cast("bigint") / 1000).cast("bigint"))
    received_at = received.cast("string")
    lines = parsed(coinbase_messages).withColumn("channel", channel)
    return lines.select(
        *own_columns(coinbase_messages),
        "recorder_id",
        "counter",
        "kind",
        "connection_id",
        received_at.alias("received_at"),
        "channel",
        "message.sequence_num",
        F.col("message.timestamp").alias("time"),
        F.coalesce("is_duplicate", F.lit("false")).alias("is_duplicate"),
        F.get("message.events", F.lit(0))["heartbeat_counter"].alias("heartbeat_counter"),
        "expected_sequence",
        "received_sequence",
        "products",
        "channels",
        _refused_products().alias("refused_products"),
        F.coalesce("reason", F.when(F.col("channel") == ERROR, F.col("message.message"))).alias("reason"),
        utc_date(received_at).alias("date"),
        _fault().alias(FAULT),
    )


def _refused_products() -> Column:
    """Products of which silver refuses a level or a trade of the message: that is lost, though the message is not."""
    events = F.col("message.events")
    of_channel = F.when(F.col("channel") == BOOKS, refused_books(events)).when(
        F.col("channel") == TRADES, refused_trades(events)
    )
    found = F.array_distinct(F.transform(of_channel, lambda product: F.nullif(product, F.lit(""))))
    # As text, so that it is computed once.
    return F.nullif(F.to_json(found), F.lit("[]"))


def _fault() -> Column:
    is_message = F.col("kind") == "message"
    in_envelope = F.col("channel") != ERROR
    numbered = F.col("message.sequence_num").isNotNull() & F.col("message.timestamp").isNotNull()
    return (
        F.when(F.col("malformed").isNotNull(), F.concat(F.lit("malformed:"), F.col("malformed")))
        .when(~F.col("kind").isin(*KINDS), "unknown:kind")
        .when(is_message & F.col("payload_base64").isNotNull(), "malformed:invalid_utf8")
        .when(is_message & ~F.col("is_sound"), "malformed:payload")
        .when(is_message & F.col("channel").isNull(), "malformed:message")
        .when(is_message & ~F.col("channel").isin(*CHANNELS, ERROR), "unknown:channel")
        .when(is_message & in_envelope & ~numbered, "malformed:message")
        .when(is_message & in_envelope & F.col("message.events").isNull(), "malformed:events")
    )
