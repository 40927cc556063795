-- The money of every gold table is the orders' money, to the cent.
WITH orders AS (
    SELECT COALESCE(SUM(total_amount), 0) AS amount, COUNT(*) AS order_count, COUNT(DISTINCT user_id) AS customer_count
    FROM ecommerce_silver.orders
),
lines AS (
    SELECT COUNT(*) AS line_count FROM ecommerce_silver.order_items
),
daily AS (
    SELECT COALESCE(SUM(total_sales), 0) AS amount, SUM(order_count) AS order_count, SUM(item_count) AS line_count
    FROM ecommerce_gold.daily_sales
),
products AS (
    SELECT COALESCE(SUM(allocated_sales), 0) AS amount, SUM(item_count) AS line_count
    FROM ecommerce_gold.product_performance
),
departments AS (
    SELECT COALESCE(SUM(allocated_sales), 0) AS amount, SUM(item_count) AS line_count
    FROM ecommerce_gold.department_analytics
),
customers AS (
    SELECT COALESCE(SUM(total_spend), 0) AS amount, SUM(order_count) AS order_count, COUNT(*) AS customer_count
    FROM ecommerce_gold.customer_insights
)
SELECT
    daily.amount = orders.amount AS daily_sales_sum_to_orders,
    products.amount = orders.amount AS product_performance_sums_to_orders,
    departments.amount = orders.amount AS department_analytics_sum_to_orders,
    customers.amount = orders.amount AS customer_insights_sum_to_orders,
    daily.order_count = orders.order_count AS daily_sales_count_every_order,
    customers.order_count = orders.order_count AS customer_insights_count_every_order,
    customers.customer_count = orders.customer_count AS customer_insights_hold_every_customer,
    daily.line_count = lines.line_count AS daily_sales_count_every_line,
    products.line_count = lines.line_count AS product_performance_counts_every_line,
    departments.line_count = lines.line_count AS department_analytics_count_every_line
FROM orders
CROSS JOIN lines
CROSS JOIN daily
CROSS JOIN products
CROSS JOIN departments
CROSS JOIN customers
