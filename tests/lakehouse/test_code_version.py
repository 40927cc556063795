"""The digest of a domain's transforms, of the package as it lies there."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest

from lakehouse import code_version as module
from lakehouse.code_version import code_version


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose transforms the test may change."""
    root = tmp_path / "lakehouse"
    for name, text in (
        ("transforms/money.py", "CENT = 1"),
        ("transforms/shop/gold/sales.py", "def transform(): ..."),
        ("transforms/shop/codes.csv", "a,b"),
        ("transforms/other/gold/stock.py", "def transform(): ..."),
        ("steps/publish.py", "def publish(): ..."),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setattr(module, "files", lambda _: root)
    code_version.cache_clear()
    return root


def now() -> str:
    code_version.cache_clear()
    return code_version("shop")


def test_it_is_the_digest_of_names_and_contents(package: Path) -> None:
    names = ("money.py", "shop/codes.csv", "shop/gold/sales.py")
    lines = [
        f"{name}\0{hashlib.sha256((package / 'transforms' / name).read_bytes()).hexdigest()}\n"
        for name in names
    ]

    assert now() == hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


@pytest.mark.parametrize("file", ["transforms/money.py", "transforms/shop/codes.csv"])
def test_a_change_of_what_makes_the_tables_changes_it(package: Path, file: str) -> None:
    before = now()
    (package / file).write_text("another")

    assert now() != before


def test_what_another_domain_or_step_does_leaves_it(package: Path) -> None:
    before = now()
    (package / "transforms/other/gold/stock.py").write_text("another")
    (package / "steps/publish.py").write_text("another")
    (package / "transforms/shop/__pycache__").mkdir()
    (package / "transforms/shop/__pycache__/codes.pyc").write_text("compiled")

    assert now() == before


def test_a_zipped_wheel_has_the_same(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = now()
    archive = Path(shutil.make_archive(str(package.parent / "wheel"), "zip", package.parent, "lakehouse"))
    monkeypatch.setattr(module, "files", lambda _: zipfile.Path(archive, "lakehouse/"))

    assert now() == unpacked
