-- Columns come from the Delta log, so that the catalog never disagrees with the table.

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_bronze.products
LOCATION '{{ uri('ecommerce.bronze.products') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_bronze.orders
LOCATION '{{ uri('ecommerce.bronze.orders') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_bronze.order_items
LOCATION '{{ uri('ecommerce.bronze.order_items') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_silver.products
LOCATION '{{ uri('ecommerce.silver.products') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_silver.orders
LOCATION '{{ uri('ecommerce.silver.orders') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_silver.order_items
LOCATION '{{ uri('ecommerce.silver.order_items') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_gold.daily_sales
LOCATION '{{ uri('ecommerce.gold.daily_sales') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_gold.product_performance
LOCATION '{{ uri('ecommerce.gold.product_performance') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_gold.department_analytics
LOCATION '{{ uri('ecommerce.gold.department_analytics') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_gold.customer_insights
LOCATION '{{ uri('ecommerce.gold.customer_insights') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_rejected.products
LOCATION '{{ uri('ecommerce.rejected.products') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_rejected.orders
LOCATION '{{ uri('ecommerce.rejected.orders') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS ecommerce_rejected.order_items
LOCATION '{{ uri('ecommerce.rejected.order_items') }}'
TBLPROPERTIES ('table_type' = 'DELTA');
