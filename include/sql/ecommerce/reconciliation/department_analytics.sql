-- department_analytics recomputed from silver: amounts shared in whole cents, spare cents to the first lines.
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
departments AS (
    SELECT
        COALESCE(p.department, 'unallocated') AS department,
        lines.date,
        COUNT(DISTINCT lines.product_id) AS product_count,
        COUNT(DISTINCT lines.order_id) AS order_count,
        COUNT(DISTINCT lines.user_id) AS customer_count,
        COUNT(lines.product_id) AS item_count,
        SUM(lines.cents) AS cents
    FROM lines
    LEFT JOIN ecommerce_silver.products AS p ON lines.product_id = p.product_id
    GROUP BY COALESCE(p.department, 'unallocated'), lines.date
),
days AS (
    SELECT date, SUM(cents) AS cents FROM lines GROUP BY date
),
expected AS (
    SELECT
        departments.department,
        departments.date,
        departments.product_count,
        departments.order_count,
        departments.customer_count,
        departments.item_count,
        CAST(CAST(departments.cents AS decimal(20, 2)) / 100 AS decimal(18, 2)) AS allocated_sales,
        CAST(
            CAST(departments.cents AS decimal(24, 4)) / CAST(NULLIF(days.cents, 0) AS decimal(14, 0)) AS decimal(9, 4)
        ) AS share_of_sales
    FROM departments
    INNER JOIN days ON departments.date = days.date
),
actual AS (
    SELECT
        department,
        date,
        product_count,
        order_count,
        customer_count,
        item_count,
        allocated_sales,
        share_of_sales
    FROM ecommerce_gold.department_analytics
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
        department,
        date,
        product_count,
        order_count,
        customer_count,
        item_count,
        allocated_sales,
        share_of_sales
    HAVING SUM(side) <> 0
)
