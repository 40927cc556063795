"""Which payloads a table of the feed is made of, however their channel is spelt."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TRADE = '{"trade_id":"7","product_id":"BTC-USD","price":"1","size":"2","side":"BUY","time":"2026-04-07T12:00:00Z"}'


def payload(channel: str, others: str = "") -> str:
    """A message with a trade of number 7; its members but the channel are those of the exchange."""
    event = f'{{"type":"update","trades":[{_TRADE}]}}'
    return f'{{{others}"channel":"{channel}","timestamp":"2026-04-07T12:00:00Z","sequence_num":3,"events":[{event}]}}'


@pytest.mark.parametrize(
    ("text", "trades"),
    [
        pytest.param(payload("market_trades"), ["7"], id="as the exchange writes it"),
        pytest.param(payload(r"market\u005ftrades"), ["7"], id="a letter escaped"),
        pytest.param(payload("ticker"), [], id="another channel"),
        pytest.param(payload("ticker", '"note":"market_trades",'), [], id="another channel that names it"),
        pytest.param(payload("MARKET_TRADES"), [], id="another case"),
        pytest.param(payload("market_trades")[:-1], [], id="cut off"),
    ],
)
def test_a_channel_is_known_by_what_its_payload_says(
    spark: "SparkSession", text: str, trades: list[str]
) -> None:
    from lakehouse.transforms.market_data.silver.market_trades import transform

    columns = "kind string, payload string, connection_id string, _source_sheet string, _source_row bigint"
    lines = spark.createDataFrame([("message", text, "c", "", 1)], columns)

    assert [row["trade_id"] for row in transform(coinbase_messages=lines).collect()] == trades
