"""What a command says where the settings are wrong: each reads them alike."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app


@pytest.mark.parametrize(
    "command",
    [
        ["query", "SELECT 1"],
        ["manifest", "ecommerce"],
        ["record", "coinbase"],
    ],
    ids=lambda words: words[0],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "gcs")

    failure = CliRunner().invoke(app, command).exception

    assert isinstance(failure, CommandError)
    assert str(failure).startswith("wrong settings: storage.backend: Input should be 's3' or 'local'")
    assert "docs/configuration.md" in str(failure)
