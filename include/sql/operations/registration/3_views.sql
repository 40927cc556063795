CREATE OR REPLACE VIEW operations_gold.daily_cost AS
SELECT
    date,
    domain,
    COUNT(DISTINCT run_id) AS run_count,
    SUM(dpu_seconds) AS dpu_seconds,
    SUM(COALESCE(bytes_scanned, 0)) AS bytes_scanned,
    SUM(cost_usd) AS cost_usd
FROM operations_gold.runs
GROUP BY date, domain;
CREATE OR REPLACE VIEW operations_gold.last_publication AS
SELECT
    table_address,
    domain,
    MAX_BY(run_id, started_at) AS run_id,
    MAX(started_at) AS started_at,
    MAX_BY(version_after, started_at) AS version
FROM operations_gold.runs
WHERE outcome = 'published'
GROUP BY table_address, domain;
