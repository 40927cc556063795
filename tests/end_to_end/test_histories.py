"""Tens of random histories through Airflow's scheduler; hundreds go through the steps in tests/lakehouse/steps."""

import time
from collections.abc import Iterator

import pytest

from tests.end_to_end.expected import assert_equal
from tests.end_to_end.stack import BUCKET, Stack
from tests.lakehouse.delivered import put_at_one_time
from tests.lakehouse.steps.histories import DATASETS, DELIVERIES, FILES, file_of, several, together
from tests.oracle.ecommerce import calculate

HISTORIES = 60


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lakehouse that took nothing in."""
    with Stack.running(tmp_path_factory.mktemp("histories") / "state") as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_histories_end_in_the_oracles_tables(empty: Stack) -> None:
    """In another order than they were generated in; the first two deliveries in one run."""
    histories = [history.in_another_order() for history in several(HISTORIES)]
    for delivery in range(DELIVERIES):
        files = {
            f"raw/{dataset}/{dataset}_{delivery}_{file}.csv": file_of(histories, dataset, delivery, file)[0]
            for dataset in DATASETS
            for file in range(FILES)
        }
        put_at_one_time(empty.client("s3"), BUCKET, files)
        time.sleep(1.1)
        if delivery:
            empty.must("run", "ecommerce", "--rejected-share-limit", "1")

    assert_equal(empty, calculate(together(histories)))
