-- Columns come from the Delta log, so that the catalog never disagrees with the table.

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_bronze.coinbase_messages
LOCATION '{{ uri('market_data.bronze.coinbase_messages') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_silver.products
LOCATION '{{ uri('market_data.silver.products') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_silver.messages
LOCATION '{{ uri('market_data.silver.messages') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_silver.ticker
LOCATION '{{ uri('market_data.silver.ticker') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_silver.level2
LOCATION '{{ uri('market_data.silver.level2') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_silver.market_trades
LOCATION '{{ uri('market_data.silver.market_trades') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.ohlcv_1m
LOCATION '{{ uri('market_data.gold.ohlcv_1m') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.ohlcv_5m
LOCATION '{{ uri('market_data.gold.ohlcv_5m') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.ohlcv_1h
LOCATION '{{ uri('market_data.gold.ohlcv_1h') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.ohlcv_1d
LOCATION '{{ uri('market_data.gold.ohlcv_1d') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.spread_1m
LOCATION '{{ uri('market_data.gold.spread_1m') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.depth_1m
LOCATION '{{ uri('market_data.gold.depth_1m') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_gold.completeness_1m
LOCATION '{{ uri('market_data.gold.completeness_1m') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_rejected.products
LOCATION '{{ uri('market_data.rejected.products') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_rejected.messages
LOCATION '{{ uri('market_data.rejected.messages') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_rejected.ticker
LOCATION '{{ uri('market_data.rejected.ticker') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_rejected.level2
LOCATION '{{ uri('market_data.rejected.level2') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS market_data_rejected.market_trades
LOCATION '{{ uri('market_data.rejected.market_trades') }}'
TBLPROPERTIES ('table_type' = 'DELTA');
