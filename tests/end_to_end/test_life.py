"""What is stored survives `down` and `up`; `down` leaves no process."""

from tests.end_to_end.stack import Stack


def test_the_lake_survives_down_and_up(stack: Stack) -> None:
    count = ("query", "SELECT COUNT(*) AS orders FROM ecommerce_silver.orders", "--format", "csv")
    before = stack.must(*count)
    assert stack.processes()

    stack.must("down")
    assert stack.processes() == []

    stack.must("up", "--no-airflow")
    assert stack.must(*count) == before
