import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.cli.main import app
from tests.lakehouse.simulate.fhir.population import texts

SAMPLE = Path(__file__).parents[4] / "sample" / "clinical"
LARGEST_BYTES = 300_000


def data(directory: Path) -> dict[str, str]:
    return {name: text for name, text in texts(directory).items() if not name.endswith(".md")}


def test_the_sample_is_what_its_readme_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = re.search(r"```sh\n(.*?)```", (SAMPLE / "README.md").read_text(), re.DOTALL)
    assert recipe
    monkeypatch.chdir(tmp_path)
    words = shlex.split(recipe.group(1).replace("\\\n", " "))

    result = CliRunner().invoke(app, words[1:])

    assert result.exit_code == 0, result.output
    assert len(data(SAMPLE)) > 20
    assert data(tmp_path / "sample" / "clinical") == data(SAMPLE)


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < LARGEST_BYTES
