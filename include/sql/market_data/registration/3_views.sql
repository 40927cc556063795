CREATE OR REPLACE VIEW market_data_gold.daily_gaps AS
SELECT
    product_id,
    date,
    SUM(sequence_gaps) AS sequence_gaps,
    SUM(missing_messages) AS missing_messages,
    SUM(missing_trades) AS missing_trades,
    SUM(silent_seconds) AS silent_seconds,
    COUNT_IF(NOT is_complete) AS incomplete_minutes,
    COUNT(*) AS minutes
FROM market_data_gold.completeness_1m
GROUP BY product_id, date;
