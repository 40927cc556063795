"""Which table is made from which, as the contracts of the shop and the clinic say."""

from lakehouse.address import Address
from lakehouse.lineage import all_downstream, downstream, upstream


def names(addresses: list[Address]) -> list[str]:
    return [f"{address.layer}.{address.table}" for address in addresses]


def test_a_table_of_gold_is_made_from_silver_and_ends_the_flow() -> None:
    daily_sales = Address("ecommerce", "gold", "daily_sales")
    assert names(upstream(daily_sales)) == ["silver.orders", "silver.order_items"]
    assert downstream(daily_sales) == []


def test_everything_that_a_delivery_reaches() -> None:
    products = Address("ecommerce", "bronze", "products")
    assert names(downstream(products)) == ["silver.products"]
    assert names(all_downstream(products)) == [
        "silver.products",
        "gold.customer_insights",
        "gold.department_analytics",
        "gold.product_performance",
    ]


def test_what_silver_derives_from_silver_is_on_the_way_to_gold() -> None:
    found = names(all_downstream(Address("clinical", "silver", "encounter")))
    assert found.index("silver.inpatient_episode") < found.index("gold.mortality")
    assert len(found) == len(set(found))
