-- A book that is valid has its best bid below its best ask, and depth and completeness tell of the same books; on the
-- dates that this run made anew.
SELECT
    COUNT_IF(s.best_bid >= s.best_ask) = 0 AS bids_are_below_asks_at_the_end_of_a_minute,
    COUNT_IF(s.min_spread <= 0) = 0 AS bids_are_below_asks_while_a_book_is_valid,
    COUNT_IF(d.product_id IS NULL AND s.best_bid IS NOT NULL) = 0 AS depth_has_every_known_book,
    COUNT_IF(c.product_id IS NULL) = 0 AS completeness_has_every_minute_of_a_book
FROM market_data_gold.spread_1m AS s
LEFT JOIN market_data_gold.depth_1m AS d
    ON s.product_id = d.product_id AND s.minute = d.minute AND s.date = d.date
LEFT JOIN market_data_gold.completeness_1m AS c
    ON s.product_id = c.product_id AND s.minute = c.minute AND s.date = c.date
WHERE {{ is_of_this_run('s.date', 'market_data.gold.spread_1m') }}
