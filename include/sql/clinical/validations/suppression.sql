-- What BI sees has no cell of 1 to 10, and one row alone is hidden only where a month has no other.
WITH months AS (
    SELECT
        measure,
        hospital_id,
        month,
        COUNT(*) AS all_rows,
        COUNT_IF(is_suppressed) AS hidden_rows,
        COUNT_IF(numerator BETWEEN 1 AND 10 OR denominator BETWEEN 1 AND 10) AS small_cells
    FROM clinical_gold.measures_for_bi
    GROUP BY measure, hospital_id, month
)
SELECT
    COALESCE(SUM(small_cells), 0) = 0 AS no_small_cell_is_shown,
    COUNT_IF(hidden_rows = 1 AND all_rows > 1) = 0 AS no_hidden_row_is_alone
FROM months
