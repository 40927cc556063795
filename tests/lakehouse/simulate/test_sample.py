import csv
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

SAMPLE = Path(__file__).parents[3] / "sample" / "ecommerce"
LARGEST_BYTES = 150_000


def read(path: Path) -> dict[str, list[tuple[object, ...]]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return {"": [tuple(row) for row in csv.reader(file)]}
    return {sheet.title: list(sheet.values) for sheet in load_workbook(path)}


def data_files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.iterdir() if path.suffix in {".csv", ".xlsx"})


def test_the_sample_is_what_its_readme_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = re.search(r"```python\n(.*?)```", (SAMPLE / "README.md").read_text(), re.DOTALL)
    assert recipe
    monkeypatch.chdir(tmp_path)

    exec(recipe.group(1), {})

    made, bundled = data_files(tmp_path / "sample" / "ecommerce"), data_files(SAMPLE)
    assert [path.name for path in made] == [path.name for path in bundled]
    assert len(made) == 5
    for made_path, bundled_path in zip(made, bundled, strict=True):
        assert read(made_path) == read(bundled_path), made_path.name


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in data_files(SAMPLE)) < LARGEST_BYTES
