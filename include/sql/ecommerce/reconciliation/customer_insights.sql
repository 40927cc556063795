-- customer_insights recomputed from silver; recency counts from the latest order date, not from today.
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
    SELECT lines.user_id, lines.product_id, lines.cents, p.product_name, p.department
    FROM lines
    INNER JOIN ecommerce_silver.products AS p ON lines.product_id = p.product_id
),
departments AS (
    SELECT user_id, department,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY COUNT(*) DESC, SUM(cents) DESC, department) AS place
    FROM sold
    GROUP BY user_id, department
),
products AS (
    SELECT user_id, product_id, product_name,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY COUNT(*) DESC, SUM(cents) DESC, product_id) AS place
    FROM sold
    GROUP BY user_id, product_id, product_name
),
customers AS (
    SELECT
        user_id,
        COUNT(*) AS order_count,
        CAST(SUM(total_amount) AS decimal(18, 2)) AS total_spend,
        MIN(order_timestamp) AS first_order,
        MAX(order_timestamp) AS last_order,
        date_diff('day', MAX(date), (SELECT MAX(date) FROM ecommerce_silver.orders)) AS recency_days
    FROM ecommerce_silver.orders
    GROUP BY user_id
),
expected AS (
    SELECT
        customers.user_id,
        customers.order_count,
        customers.total_spend,
        CAST(customers.total_spend / CAST(customers.order_count AS decimal(18, 0)) AS decimal(18, 2)) AS avg_order_value,
        customers.first_order,
        customers.last_order,
        departments.department AS favourite_department,
        products.product_id AS favourite_product_id,
        products.product_name AS favourite_product_name,
        CASE
            WHEN recency_days <= 7 AND order_count >= 5 THEN 'champions'
            WHEN recency_days <= 30 AND order_count >= 2 THEN 'loyal'
            WHEN order_count >= 2 THEN 'at_risk'
            WHEN recency_days <= 7 AND total_spend >= DECIMAL '250.00' THEN 'promising'
            WHEN recency_days <= 7 THEN 'new'
            WHEN recency_days <= 30 THEN 'occasional'
            ELSE 'lapsed'
        END AS rfm_segment
    FROM customers
    LEFT JOIN departments ON customers.user_id = departments.user_id AND departments.place = 1
    LEFT JOIN products ON customers.user_id = products.user_id AND products.place = 1
),
actual AS (
    SELECT
        user_id,
        order_count,
        total_spend,
        avg_order_value,
        first_order,
        last_order,
        favourite_department,
        favourite_product_id,
        favourite_product_name,
        rfm_segment
    FROM ecommerce_gold.customer_insights
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
        user_id,
        order_count,
        total_spend,
        avg_order_value,
        first_order,
        last_order,
        favourite_department,
        favourite_product_id,
        favourite_product_name,
        rfm_segment
    HAVING SUM(side) <> 0
)
