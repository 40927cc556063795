"""A report goes on where it was for the same seed and code, and begins anew for others."""

from pathlib import Path

import pytest

from tests.lakehouse.chaos import report
from tests.lakehouse.chaos.report import Report


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "chaos.json"
    Report(file, seed=4).add({"point": "gold", "differences": []})
    return file


def test_it_goes_on(file: Path) -> None:
    again = Report(file, seed=4)
    again.add({"point": "silver", "differences": ["ecommerce.silver.orders"]})
    assert Report(file, seed=4).story_of("gold") == {"point": "gold", "differences": []}
    assert len(Report(file, seed=4).stories) == 2


def test_another_seed_begins_anew(file: Path) -> None:
    assert Report(file, seed=5).story_of("gold") is None


def test_other_code_begins_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "code", lambda: {"lakehouse": "another"})
    assert Report(file, seed=4).story_of("gold") is None
