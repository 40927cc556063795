"""Parts of Airflow die while a run goes on; started again, they end it in the tables of a run without deaths."""

from pathlib import Path

import pytest

from tests.end_to_end.expected import assert_equal_to_oracle
from tests.end_to_end.saboteur import sabotaging
from tests.end_to_end.stack import Stack


@pytest.mark.slow
def test_scheduler_triggerer_and_worker_may_die(
    stack: Stack, deliveries: list[list[Path]], broken: list[Path]
) -> None:
    plan = {"raw_to_bronze": "scheduler", "bronze_to_silver": "triggerer", "silver_to_gold": "worker"}
    with sabotaging(stack, plan) as saboteur:
        stack.must("run", "ecommerce", "--data-dir", deliveries[2][0].parent)

    assert saboteur.problems == []
    assert saboteur.killed == list(plan.values())
    assert_equal_to_oracle(stack, [deliveries[0], broken, deliveries[1], deliveries[2]])
