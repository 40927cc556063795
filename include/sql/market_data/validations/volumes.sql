-- Every trade is in a bar, and no bar holds more than its trades, to the last digit.
WITH trades AS (
    SELECT
        COUNT(*) AS trade_count,
        COALESCE(SUM(size), 0) AS volume,
        COALESCE(SUM(price * size), 0) AS quote_volume
    FROM market_data_silver.market_trades
),
bars AS (
    SELECT
        COALESCE(SUM(trade_count), 0) AS trade_count,
        COALESCE(SUM(volume), 0) AS volume,
        COALESCE(SUM(quote_volume), 0) AS quote_volume
    FROM market_data_gold.ohlcv_1m
),
minutes AS (
    SELECT COALESCE(SUM(received_trades), 0) AS trade_count
    FROM market_data_gold.completeness_1m
)
SELECT
    bars.trade_count = trades.trade_count AS bars_count_every_trade,
    bars.volume = trades.volume AS bars_sum_to_the_trades_volume,
    bars.quote_volume = trades.quote_volume AS bars_sum_to_the_trades_quote_volume,
    minutes.trade_count = trades.trade_count AS completeness_counts_every_trade
FROM trades
CROSS JOIN bars
CROSS JOIN minutes
