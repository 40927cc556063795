"""The committed snapshot of the contracts, and how it is made anew."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakehouse.contract_changes import Snapshot, snapshot
from scripts import contract_snapshot
from scripts.contract_snapshot import committed, main, problems, shipped
from tests.lakehouse.test_contract_changes import BEFORE, ID, NOTE, USER, contract


def test_the_shipped_contracts_are_as_committed() -> None:
    found = problems(committed(), snapshot(shipped()))

    assert not found, "\n".join(found)


def test_every_contract_is_in_the_snapshot() -> None:
    files = (Path(contract_snapshot.__file__).parents[1] / "lakehouse" / "contracts").rglob("*.yaml")

    assert set(committed()) == {f"{file.parent.parent.name}.{file.parent.name}.{file.stem}" for file in files}


def test_a_harmless_change_asks_for_a_new_snapshot() -> None:
    wider = contract(ID, USER, NOTE, {"name": "shop_id"})

    assert problems(snapshot([BEFORE]), snapshot([wider])) == [
        "shop.silver.orders changed: run `python -m scripts.contract_snapshot` in .venv and commit contracts.json"
    ]


def test_a_breaking_change_asks_for_a_new_version_first() -> None:
    (problem,) = problems(snapshot([BEFORE]), snapshot([contract(ID, USER)]))

    assert problem.endswith("take it back, or give shop.silver.orders version 2.0.0")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "contracts.json"
    monkeypatch.setattr(contract_snapshot, "LOCK", file)
    return file


def written(lock: Path) -> Snapshot:
    made: Snapshot = json.loads(lock.read_text(encoding="utf-8"))
    return made


def ship(monkeypatch: pytest.MonkeyPatch, *columns: dict[str, Any], **keys: Any) -> None:
    monkeypatch.setattr(contract_snapshot, "shipped", lambda: [contract(*columns, **keys)])


def test_the_snapshot_follows_the_contracts(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch, ID, USER)
    assert main() == 0
    ship(monkeypatch, ID, USER, NOTE)
    assert main() == 0

    assert list(written(lock)["shop.silver.orders"]["columns"]) == ["order_id", "user_id", "note"]


def test_a_breaking_change_does_not_enter_it(
    lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ship(monkeypatch, ID, USER, NOTE)
    main()
    ship(monkeypatch, ID, USER)

    assert main() == 1

    assert "column 'note' is gone" in capsys.readouterr().err
    assert "note" in written(lock)["shop.silver.orders"]["columns"]
    ship(monkeypatch, ID, USER, version="2.0.0")
    assert main() == 0
    assert written(lock)["shop.silver.orders"]["version"] == "2.0.0"
