-- What depends on the clock is a view: gold itself is the same whenever it is computed.
CREATE OR REPLACE VIEW ecommerce_gold.customer_recency AS
SELECT
    user_id,
    rfm_segment,
    order_count,
    total_spend,
    last_order,
    date_diff('day', CAST(last_order AS date), current_date) AS days_since_last_order
FROM ecommerce_gold.customer_insights;
