-- Every trade of the dates that this run made anew is in one bar of each length, and no bar holds more than its trades,
-- to the last digit.
{% set is_recomputed = is_of_this_run('date', 'market_data.gold.ohlcv_1m') -%}
WITH trades AS (
    SELECT
        COUNT(*) AS trade_count,
        COALESCE(SUM(size), 0) AS volume,
        COALESCE(SUM(price * size), 0) AS quote_volume
    FROM market_data_silver.market_trades
    WHERE {{ is_recomputed }}
),
bars_1m AS (
    SELECT
        COALESCE(SUM(trade_count), 0) AS trade_count,
        COALESCE(SUM(volume), 0) AS volume,
        COALESCE(SUM(quote_volume), 0) AS quote_volume
    FROM market_data_gold.ohlcv_1m
    WHERE {{ is_recomputed }}
),
bars_5m AS (
    SELECT
        COALESCE(SUM(trade_count), 0) AS trade_count,
        COALESCE(SUM(volume), 0) AS volume,
        COALESCE(SUM(quote_volume), 0) AS quote_volume
    FROM market_data_gold.ohlcv_5m
    WHERE {{ is_recomputed }}
),
bars_1h AS (
    SELECT
        COALESCE(SUM(trade_count), 0) AS trade_count,
        COALESCE(SUM(volume), 0) AS volume,
        COALESCE(SUM(quote_volume), 0) AS quote_volume
    FROM market_data_gold.ohlcv_1h
    WHERE {{ is_recomputed }}
),
bars_1d AS (
    SELECT
        COALESCE(SUM(trade_count), 0) AS trade_count,
        COALESCE(SUM(volume), 0) AS volume,
        COALESCE(SUM(quote_volume), 0) AS quote_volume
    FROM market_data_gold.ohlcv_1d
    WHERE {{ is_recomputed }}
),
minutes AS (
    SELECT COALESCE(SUM(received_trades), 0) AS trade_count
    FROM market_data_gold.completeness_1m
    WHERE {{ is_recomputed }}
)
SELECT
    bars_1m.trade_count = trades.trade_count AS bars_1m_count_every_trade,
    bars_1m.volume = trades.volume AS bars_1m_sum_to_the_volume,
    bars_1m.quote_volume = trades.quote_volume AS bars_1m_sum_to_the_quote_volume,
    bars_5m.trade_count = trades.trade_count AS bars_5m_count_every_trade,
    bars_5m.volume = trades.volume AS bars_5m_sum_to_the_volume,
    bars_5m.quote_volume = trades.quote_volume AS bars_5m_sum_to_the_quote_volume,
    bars_1h.trade_count = trades.trade_count AS bars_1h_count_every_trade,
    bars_1h.volume = trades.volume AS bars_1h_sum_to_the_volume,
    bars_1h.quote_volume = trades.quote_volume AS bars_1h_sum_to_the_quote_volume,
    bars_1d.trade_count = trades.trade_count AS bars_1d_count_every_trade,
    bars_1d.volume = trades.volume AS bars_1d_sum_to_the_volume,
    bars_1d.quote_volume = trades.quote_volume AS bars_1d_sum_to_the_quote_volume,
    minutes.trade_count = trades.trade_count AS completeness_counts_every_trade
FROM trades
CROSS JOIN bars_1m
CROSS JOIN bars_5m
CROSS JOIN bars_1h
CROSS JOIN bars_1d
CROSS JOIN minutes
