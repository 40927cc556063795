"""What a domain is delivered before a run is killed: two small deliveries, the second touching rows of the first."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.faults import Faults as ExchangeFaults
from lakehouse.simulate.ecommerce import DATASETS, EcommerceData, generate, write
from lakehouse.simulate.ecommerce_faults import Faults as ShopFaults
from tests.lakehouse.steps.market import record, segment

type Files = Sequence[tuple[str, str, bytes]]
"""(dataset, file name, content) of each file of a delivery."""

_SHOP = ShopFaults(
    changed_product_share=0.3,
    duplicate_line_share=0.1,
    orphan_line_share=0.1,
    unparsable_amount_share=0.1,
    corrected_order_share=0.3,
    late_order_share=0.2,
    late_line_share=0.2,
)
_EXCHANGE = Simulation(
    seed=5,
    products=2,
    start=datetime(2026, 4, 7, 23, 59, 30, tzinfo=UTC),
    rate=2,
    minutes=1.5,
    depth=3,
    faults=ExchangeFaults.parse(["drop=0.03", "duplicate=0.05", "malform=nth:60", "late_trade=0.1"]),
)


def ecommerce(scratch: Path) -> list[Files]:
    """Two days of a shop; the second corrects orders of the first and brings some that were late."""
    data = generate(5, days=2, orders_per_day=8, products=10, faults=_SHOP)
    return [
        [
            (_dataset(path), path.name, path.read_bytes())
            for path in write(day, scratch / str(n), "daily", "csv")
        ]
        for n, day in enumerate(EcommerceData((delivery,)) for delivery in data.deliveries)
    ]


def _dataset(path: Path) -> str:
    (dataset,) = (one for one in DATASETS if path.name.startswith(f"{one}_2"))
    return dataset


def market_data(_scratch: Path) -> list[Files]:
    """Three segments of a recorder across midnight; the second delivery is the one in the middle."""
    lines = record(_EXCHANGE)
    # The same bytes in every process: how often a run calls S3 may depend on them.
    recorder_id = json.loads(lines[0])["recorder_id"].encode()
    lines = [line.replace(recorder_id, b"5" * 32) for line in lines]
    third = len(lines) // 3
    parts = (lines[:third], lines[third : 2 * third], lines[2 * third :])
    first, second, last = (
        ("coinbase_messages", f"segment_20260407T23_{number:05}.ndjson", segment(part))
        for number, part in enumerate(parts, start=1)
    )
    return [[first, last], [second]]


DOMAINS: dict[str, Callable[[Path], list[Files]]] = {"ecommerce": ecommerce, "market_data": market_data}
