-- daily_sales recomputed from silver; decimal division rounds half up at the dividend's scale.
WITH lines AS (
    SELECT
        o.date,
        COUNT(*) AS line_count,
        COUNT(DISTINCT i.product_id) AS product_count,
        COUNT_IF(i.reordered = 1) AS reordered_count
    FROM ecommerce_silver.order_items AS i
    INNER JOIN ecommerce_silver.orders AS o ON i.order_id = o.order_id
    GROUP BY o.date
),
days AS (
    SELECT
        date,
        COUNT(*) AS order_count,
        COUNT(DISTINCT user_id) AS customer_count,
        CAST(SUM(total_amount) AS decimal(18, 2)) AS total_sales
    FROM ecommerce_silver.orders
    GROUP BY date
),
expected AS (
    SELECT
        days.date,
        days.order_count,
        days.customer_count,
        COALESCE(lines.line_count, 0) AS item_count,
        COALESCE(lines.product_count, 0) AS product_count,
        days.total_sales,
        CAST(days.total_sales / CAST(days.order_count AS decimal(18, 0)) AS decimal(18, 2)) AS avg_order_value,
        CAST(
            CAST(COALESCE(lines.line_count, 0) AS decimal(18, 2)) / CAST(days.order_count AS decimal(18, 0))
            AS decimal(18, 2)
        ) AS avg_items_per_order,
        CAST(
            CAST(lines.reordered_count AS decimal(18, 4)) / CAST(lines.line_count AS decimal(18, 0)) AS decimal(9, 4)
        ) AS reorder_rate
    FROM days
    LEFT JOIN lines ON days.date = lines.date
),
actual AS (
    SELECT
        date,
        order_count,
        customer_count,
        item_count,
        product_count,
        total_sales,
        avg_order_value,
        avg_items_per_order,
        reorder_rate
    FROM ecommerce_gold.daily_sales
),
-- A row of gold counts against the same row of silver; what is left over differs. Each side is read once.
compared AS (
    SELECT *, 1 AS side FROM expected
    UNION ALL
    SELECT *, -1 AS side FROM actual
)
SELECT COUNT(*) AS differences
FROM (
    SELECT 1 AS difference
    FROM compared
    GROUP BY
        date,
        order_count,
        customer_count,
        item_count,
        product_count,
        total_sales,
        avg_order_value,
        avg_items_per_order,
        reorder_rate
    HAVING SUM(side) <> 0
)
