-- The ledger recomputed from silver: every run of every table is in it once, with its cost.
WITH expected AS (
    SELECT COUNT(*) AS row_count, COALESCE(SUM(cost_usd), 0) AS cost_usd, COALESCE(SUM(rows_read), 0) AS rows_read
    FROM operations_silver.runs
),
found AS (
    SELECT COUNT(*) AS row_count, COALESCE(SUM(cost_usd), 0) AS cost_usd, COALESCE(SUM(rows_read), 0) AS rows_read
    FROM operations_gold.runs
),
results AS (
    SELECT
        (SELECT COUNT(*) FROM operations_silver.expectation_results) AS expected,
        (SELECT COUNT(*) FROM operations_gold.quality) AS found
)
SELECT
    found.row_count = expected.row_count AS every_run_is_in_the_ledger,
    found.cost_usd = expected.cost_usd AS cost_is_the_runs_cost,
    found.rows_read = expected.rows_read AS rows_are_the_runs_rows,
    results.found = results.expected AS every_result_is_kept
FROM expected
CROSS JOIN found
CROSS JOIN results
