"""Rows of orders as a shop delivers them."""


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
