"""One stack for the whole folder: starting it takes half a minute."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.simulate.ecommerce import EcommerceData, generate, write
from lakehouse.simulate.ecommerce_faults import Faults
from tests.end_to_end.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lakehouse that is up."""
    made = Stack.make(tmp_path_factory.mktemp("stack") / "state")
    try:
        made.must("up")
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """Two deliveries of two days each, workbooks and then text, with what really happens in between."""
    faults = Faults(
        duplicate_line_share=0.03,
        no_line_share=0.05,
        corrected_order_share=0.1,
        late_line_share=0.1,
        repeated_row_share=0.03,
        changed_product_share=0.1,
    )
    days = generate(20_250_401, days=4, orders_per_day=40, products=60, faults=faults).deliveries
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    return [
        write(EcommerceData(tuple(days[:2])), first, layout="single", file_format="xlsx"),
        write(EcommerceData(tuple(days[2:])), second, layout="single", file_format="csv"),
    ]
