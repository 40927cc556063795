-- What the newest of a product's tickers and trades says; which is newer, the time tells.
CREATE OR REPLACE VIEW market_data_gold.latest_prices AS
WITH trades AS (
    SELECT
        product_id,
        MAX("time") AS traded_at,
        MAX_BY(price, ROW("time", trade_id)) AS price
    FROM market_data_silver.market_trades
    GROUP BY product_id
),
tickers AS (
    SELECT
        product_id,
        MAX("time") AS quoted_at,
        MAX_BY(best_bid, ROW("time", sequence_num)) AS best_bid,
        MAX_BY(best_ask, ROW("time", sequence_num)) AS best_ask,
        MAX_BY(volume_24_h, ROW("time", sequence_num)) AS volume_24_h
    FROM market_data_silver.ticker
    GROUP BY product_id
)
SELECT
    COALESCE(trades.product_id, tickers.product_id) AS product_id,
    trades.price,
    trades.traded_at,
    tickers.best_bid,
    tickers.best_ask,
    tickers.volume_24_h,
    tickers.quoted_at
FROM trades
FULL OUTER JOIN tickers ON trades.product_id = tickers.product_id;

CREATE OR REPLACE VIEW market_data_gold.daily_gaps AS
SELECT
    product_id,
    "date",
    SUM(sequence_gaps) AS sequence_gaps,
    SUM(missing_messages) AS missing_messages,
    SUM(missing_trades) AS missing_trades,
    SUM(missing_heartbeats) AS missing_heartbeats,
    SUM(silent_seconds) AS silent_seconds,
    SUM(book_valid_seconds) AS book_valid_seconds,
    COUNT_IF(NOT is_complete) AS incomplete_minutes,
    COUNT(*) AS minutes
FROM market_data_gold.completeness_1m
GROUP BY product_id, "date";
