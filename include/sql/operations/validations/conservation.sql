-- Of every row that silver judged, the ledger says where it is; and a published table moved on by its publication.
SELECT
    COUNT_IF(
        layer = 'silver'
        AND rows_read <> rows_published + rows_deduplicated + rows_superseded + rows_rejected
    ) = 0 AS every_row_read_is_in_one_place,
    COUNT_IF(outcome = 'published' AND verdict NOT IN ('passed', 'warned')) = 0 AS nothing_unaudited_is_published,
    COUNT_IF(version_after < version_before) = 0 AS versions_do_not_go_back
FROM operations_gold.runs
