-- Columns come from the Delta log, so that the catalog never disagrees with the table.

CREATE EXTERNAL TABLE IF NOT EXISTS operations_bronze.runs
LOCATION '{{ uri('operations.bronze.runs') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_bronze.expectation_results
LOCATION '{{ uri('operations.bronze.expectation_results') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_silver.runs
LOCATION '{{ uri('operations.silver.runs') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_silver.expectation_results
LOCATION '{{ uri('operations.silver.expectation_results') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_gold.runs
LOCATION '{{ uri('operations.gold.runs') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_gold.quality
LOCATION '{{ uri('operations.gold.quality') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_rejected.runs
LOCATION '{{ uri('operations.rejected.runs') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS operations_rejected.expectation_results
LOCATION '{{ uri('operations.rejected.expectation_results') }}'
TBLPROPERTIES ('table_type' = 'DELTA');
