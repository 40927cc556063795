-- ohlcv_1m of the dates that this run made anew, recomputed from silver; flags are not compared.
{% set is_recomputed = is_of_this_run('date', 'market_data.gold.ohlcv_1m') -%}
WITH expected AS (
    SELECT
        product_id,
        DATE_TRUNC('minute', "time") AS start,
        MIN_BY(price, ROW("time", trade_id)) AS open,
        MAX(price) AS high,
        MIN(price) AS low,
        MAX_BY(price, ROW("time", trade_id)) AS close,
        CAST(SUM(size) AS decimal(38, 10)) AS volume,
        CAST(SUM(price * size) AS decimal(37, 20)) AS quote_volume,
        COUNT(*) AS trade_count
    FROM market_data_silver.market_trades
    WHERE {{ is_recomputed }}
    GROUP BY product_id, DATE_TRUNC('minute', "time")
),
actual AS (
    SELECT
        product_id,
        start,
        open,
        high,
        low,
        close,
        volume,
        quote_volume,
        trade_count
    FROM market_data_gold.ohlcv_1m
    WHERE {{ is_recomputed }}
),
-- A row of gold counts against the same row of silver; what is left over differs. Each side is read once.
compared AS (
    SELECT *, 1 AS side FROM expected
    UNION ALL
    SELECT *, -1 AS side FROM actual
)
SELECT COUNT(*) AS differences
FROM (
    SELECT 1 AS difference
    FROM compared
    GROUP BY
        product_id,
        start,
        open,
        high,
        low,
        close,
        volume,
        quote_volume,
        trade_count
    HAVING SUM(side) <> 0
)
