"""Sequence numbers, against a model that remembers every number."""

from hypothesis import given
from hypothesis import strategies as st

from lakehouse.recorder.sequence import SequenceTracker


@given(st.lists(st.integers(0, 12), max_size=40))
def test_every_number_is_judged_as_a_model_judges_it(numbers: list[int]) -> None:
    tracker, seen = SequenceTracker(), set[int]()
    for number in numbers:
        following = max(seen, default=-1) + 1
        expected = (
            "duplicate"
            if number in seen
            else "in_order"
            if number == following
            else "gap"
            if number > following
            else "late"
        )
        assert tracker.observe(number) == expected
        seen.add(number)
        assert tracker.expected == max(seen) + 1


def test_the_first_message_of_a_connection_is_number_0() -> None:
    assert SequenceTracker().observe(0) == "in_order"
    assert SequenceTracker().observe(2) == "gap"
