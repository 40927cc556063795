from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse import contract
from lakehouse.operations import pools as module
from lakehouse.operations.pools import domains, pools
from tests.lakehouse.contract_files import Declare, declare_in, document


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    contract.tables.cache_clear()
    yield declare_in(tmp_path, monkeypatch)
    contract.tables.cache_clear()


def test_the_shop_writes_each_layer_with_one_slot() -> None:
    shop = {name: slots for name, slots in pools().items() if name.startswith("ecommerce_")}

    assert shop == {"ecommerce_bronze": 1, "ecommerce_silver": 1, "ecommerce_gold": 1}


def test_a_pool_for_each_domain(declare: Declare) -> None:
    for domain in ("market", "clinical"):
        for layer in ("bronze", "silver", "gold"):
            declare(document("orders", layer=layer), layer=layer, domain=domain)

    assert domains() == ["clinical", "market"]
    assert set(pools()) == {f"{d}_{layer}" for d in domains() for layer in ("bronze", "silver", "gold")}


def test_a_layer_without_tables_needs_no_pool(declare: Declare) -> None:
    declare(document("ticks", layer="bronze"), layer="bronze", domain="market")

    assert pools() == {"market_bronze": 1}
