"""How long a run may live, by hand, and what has to outlive it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lakehouse import contract
from lakehouse.contract import ContractError
from lakehouse.lifetime import longest_run, recovery_window, stale_after
from lakehouse.operations import pools
from tests.lakehouse.contract_files import Declare, contract_of, declare_in, document

DAY = timedelta(days=1)


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    monkeypatch.setattr(pools, "files", lambda _: tmp_path)
    contract.tables.cache_clear()
    yield declare_in(tmp_path, monkeypatch)
    contract.tables.cache_clear()


def shop(declare: Declare, **of_gold: Any) -> None:
    for layer in ("bronze", "silver"):
        declare(document("orders", layer=layer), layer=layer)
    declare(document("sales", layer="gold", **of_gold), layer="gold")


def keeping(days: int) -> contract.Contract:
    agreement = {"slaProperties": [{"property": "retention", "value": days, "unit": "d"}]}
    return contract.Contract.model_validate(document("orders") | agreement)


def test_a_run_that_asks_nobody_lives_a_day(declare: Declare) -> None:
    shop(declare)

    assert longest_run("shop") == DAY
    assert stale_after() == 3 * DAY


def test_a_question_makes_it_longer(declare: Declare) -> None:
    shop(declare, onWarning="ask", onWarningTimeoutMinutes=90)

    assert longest_run("shop") == DAY + timedelta(minutes=90)
    assert stale_after() == 3 * DAY + timedelta(minutes=90)


def test_versions_stay_as_long_as_the_contract_says(declare: Declare) -> None:
    shop(declare)

    assert recovery_window(contract_of("orders")) == 30 * DAY
    assert recovery_window(keeping(2)) == 2 * DAY


def test_versions_outlive_every_run_that_may_read_them(declare: Declare) -> None:
    shop(declare, onWarning="ask", onWarningTimeoutMinutes=24 * 60)

    with pytest.raises(
        ContractError, match=r"shop\.silver\.orders keeps versions for 2 days.*raise its retention"
    ):
        recovery_window(keeping(2))
