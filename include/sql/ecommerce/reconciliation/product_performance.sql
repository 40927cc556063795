-- product_performance recomputed from silver: amounts shared in whole cents, spare cents to the first lines.
WITH positioned AS (
    SELECT
        o.order_id,
        o.user_id,
        o.date,
        i.product_id,
        i.add_to_cart_order,
        i.reordered,
        CAST(o.total_amount * 100 AS bigint) AS amount_cents,
        COUNT(*) OVER (PARTITION BY o.order_id) AS line_count,
        ROW_NUMBER() OVER (PARTITION BY o.order_id ORDER BY i.add_to_cart_order, i.product_id) AS position
    FROM ecommerce_silver.orders AS o
    LEFT JOIN ecommerce_silver.order_items AS i ON o.order_id = i.order_id
),
spared AS (
    SELECT *, MOD(MOD(amount_cents, line_count) + line_count, line_count) AS spare_cents
    FROM positioned
),
lines AS (
    SELECT
        *,
        (amount_cents - spare_cents) / line_count + IF(position <= spare_cents, 1, 0) AS cents
    FROM spared
),
sold AS (
    SELECT
        COALESCE(product_id, -1) AS product_id,
        COUNT(DISTINCT order_id) AS order_count,
        COUNT(product_id) AS item_count,
        COUNT(DISTINCT user_id) AS customer_count,
        SUM(cents) AS cents,
        COUNT_IF(reordered = 1) AS reordered_count,
        SUM(add_to_cart_order) AS positions,
        MIN(date) AS first_sold,
        MAX(date) AS last_sold
    FROM lines
    GROUP BY COALESCE(product_id, -1)
),
named AS (
    SELECT product_id, product_name, department_id, department FROM ecommerce_silver.products
    UNION ALL
    SELECT -1, 'unallocated', CAST(NULL AS bigint), 'unallocated' FROM sold WHERE product_id = -1
),
expected AS (
    SELECT
        named.product_id,
        named.product_name,
        named.department_id,
        named.department,
        COALESCE(sold.order_count, 0) AS order_count,
        COALESCE(sold.item_count, 0) AS item_count,
        COALESCE(sold.customer_count, 0) AS customer_count,
        CAST(CAST(COALESCE(sold.cents, 0) AS decimal(20, 2)) / 100 AS decimal(18, 2)) AS allocated_sales,
        CAST(
            CAST(sold.reordered_count AS decimal(18, 4)) / CAST(NULLIF(sold.item_count, 0) AS decimal(18, 0))
            AS decimal(9, 4)
        ) AS reorder_rate,
        CAST(
            CAST(sold.positions AS decimal(18, 2)) / CAST(NULLIF(sold.item_count, 0) AS decimal(18, 0))
            AS decimal(18, 2)
        ) AS avg_cart_position,
        sold.first_sold,
        sold.last_sold
    FROM named
    LEFT JOIN sold ON named.product_id = sold.product_id
),
actual AS (
    SELECT
        product_id,
        product_name,
        department_id,
        department,
        order_count,
        item_count,
        customer_count,
        allocated_sales,
        reorder_rate,
        avg_cart_position,
        first_sold,
        last_sold
    FROM ecommerce_gold.product_performance
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
        product_id,
        product_name,
        department_id,
        department,
        order_count,
        item_count,
        customer_count,
        allocated_sales,
        reorder_rate,
        avg_cart_position,
        first_sold,
        last_sold
    HAVING SUM(side) <> 0
)
