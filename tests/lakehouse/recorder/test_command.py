"""`lakehouse record coinbase`: what an operator sees."""

import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from lakehouse.recorder.write_ahead import Lock
from lakehouse.storage.objects.local import LocalStore
from tests.lakehouse.recorder.exchange import Client, ExchangeThread
from tests.lakehouse.recorder.lines import lines_of


@pytest.fixture(autouse=True)
def local_vault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As `config/config.yaml` would say it."""
    config = tmp_path / "config.yaml"
    config.write_text(f"storage:\n  backend: local\n  base_dir: {tmp_path / 'vault'}\n")
    for name in list(os.environ):
        if name.startswith("LAKEHOUSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LAKEHOUSE_CONFIG_FILE", str(config))


async def one_message(client: Client) -> None:
    await client.confirm()
    os.kill(os.getpid(), signal.SIGTERM)
    await client.socket.wait_closed()


async def refusal(client: Client) -> None:
    await client.requested(1)
    await client.send('{"type":"error","message":"no such product"}')
    await client.socket.wait_closed()


def arguments(url: str, tmp_path: Path, *more: str) -> list[str]:
    return ["record", "coinbase", "--endpoint", url, "--write-ahead-dir", str(tmp_path / "ahead"), *more]


def test_it_records_into_the_configured_vault(tmp_path: Path) -> None:
    with ExchangeThread(one_message) as exchange:
        result = CliRunner().invoke(
            app, arguments(exchange.url, tmp_path, "--products", " A-USD, B-USD,A-USD")
        )

    assert result.exit_code == 0, result.output
    assert "1 messages, 3 lines acknowledged, 0 gaps, 1 segments uploaded" in result.output
    lines = lines_of(LocalStore(tmp_path / "vault"))
    assert lines[0]["products"] == ["A-USD", "B-USD"]


def test_a_refusal_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    with ExchangeThread(refusal) as exchange:
        result = CliRunner().invoke(app, arguments(exchange.url, tmp_path))

    assert isinstance(result.exception, CommandError)
    assert result.exception.exit_code == 3
    assert "no such product" in str(result.exception)


def test_a_directory_in_use_is_named(tmp_path: Path) -> None:
    with Lock(tmp_path / "ahead"):
        result = CliRunner().invoke(app, arguments("ws://127.0.0.1:1", tmp_path))

    assert isinstance(result.exception, CommandError)
    assert "--write-ahead-dir" in str(result.exception)


def test_segments_that_cannot_be_uploaded_are_told_of_and_kept(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file where a folder should be")
    with ExchangeThread(one_message) as exchange:
        result = CliRunner().invoke(app, arguments(exchange.url, tmp_path))

    assert isinstance(result.exception, CommandError)
    assert result.exception.exit_code == 1
    assert "1 segments could not be uploaded" in str(result.exception)
    (segment,) = (tmp_path / "ahead" / "raw" / "ready" / "coinbase").glob("*.ndjson")
    assert len(segment.read_bytes().splitlines()) == 3


def test_a_url_that_is_none_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, arguments("http://example.test", tmp_path))

    assert isinstance(result.exception, CommandError)
    assert "--endpoint" in str(result.exception)


@pytest.mark.parametrize(
    "more", [["--channels", "ticker,user"], ["--products", " , "], ["--segment-size", "0"]]
)
def test_wrong_options_are_refused(tmp_path: Path, more: list[str]) -> None:
    result = CliRunner().invoke(app, arguments("ws://127.0.0.1:1", tmp_path, *more))
    assert result.exit_code == 2
