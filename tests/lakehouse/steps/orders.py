"""Rows of orders and their lines as a shop delivers them."""


def order(order_id: int, amount: object = "5.00", minute: int = 0) -> dict[str, object]:
    """An order of one day, at a minute after ten."""
    return {
        "order_num": 1,
        "order_id": order_id,
        "user_id": 7,
        "order_timestamp": f"2025-04-01T10:{minute:02d}:00",
        "total_amount": amount,
        "date": "2025-04-01",
    }


def line(line_id: int, order_id: int, **fields: object) -> dict[str, object]:
    """A line of an order, of the same day, but for the fields named."""
    whole = {
        "id": line_id,
        "order_id": order_id,
        "user_id": 7,
        "days_since_prior_order": 1,
        "product_id": 1,
        "add_to_cart_order": 1,
        "reordered": 0,
        "order_timestamp": "2025-04-01T10:00:00",
        "date": "2025-04-01",
    }
    return whole | fields
