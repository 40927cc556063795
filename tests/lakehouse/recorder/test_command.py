"""`lakehouse record coinbase`: what an operator sees."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app
from lakehouse.recorder.write_ahead import Lock
from lakehouse.settings import Settings, StorageSettings
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


def test_products_are_recorded_under_the_names_by_which_they_are_sent(tmp_path: Path) -> None:
    with ExchangeThread(one_message) as exchange:
        asked = "BTC-USDC,BTC-USD,USDT-USDC,EURC-USDC,ETH-USDC"
        result = CliRunner().invoke(app, arguments(exchange.url, tmp_path, "--products", asked))

    assert "BTC-USDC is sent, and recorded, as BTC-USD" in result.output
    lines = lines_of(LocalStore(tmp_path / "vault"))
    assert lines[0]["products"] == ["BTC-USD", "USDT-USDC", "EURC-USDC", "ETH-USD"]


def test_the_vault_may_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "s3")
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", "")
    other = tmp_path / "other"
    with ExchangeThread(one_message) as exchange:
        more = ["--storage", "local", "--base-dir", str(other)]
        result = CliRunner().invoke(app, arguments(exchange.url, tmp_path, *more))

    assert result.exit_code == 0, result.output
    assert len(lines_of(LocalStore(other))) == 3


def test_a_vault_on_s3_may_be_given_where_a_folder_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[StorageSettings] = []

    def store(settings: Settings) -> LocalStore:
        chosen.append(settings.storage)
        return LocalStore(tmp_path / "bucket")

    monkeypatch.setattr("lakehouse.cli.record.object_store", store)
    with ExchangeThread(one_message) as exchange:
        result = CliRunner().invoke(app, arguments(exchange.url, tmp_path, "--storage", "s3"))

    assert result.exit_code == 0, result.output
    assert chosen == [StorageSettings(backend="s3")]


@pytest.mark.parametrize(
    ("config", "more", "words"),
    [
        ("storage: {backend: gcs}", [], ["storage.backend", "'s3' or 'local'", "LAKEHOUSE_"]),
        ("storage: {basedir: vault}", [], ["no setting storage.basedir", "config.yaml"]),
        ("stroage: {}", [], ["unknown stroage", "config.yaml"]),
        ("storage: {backend: s3", [], ["config.yaml cannot be read as YAML", "line 1"]),
        ("storage: {backend: local}", [], ["set storage.base_dir", "--base-dir"]),
        ("storage: {backend: s3}", ["--base-dir", "vault"], ["storage.base_dir is 'vault'", "local"]),
        ("log_level: LOUD", [], ["log_level", "DEBUG", "docs/configuration.md"]),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, config: str, more: list[str], words: list[str]) -> None:
    (tmp_path / "config.yaml").write_text(config)

    result = CliRunner().invoke(app, arguments("ws://127.0.0.1:1", tmp_path, *more))

    assert isinstance(result.exception, CommandError), result.exception
    assert result.exception.exit_code == 1
    assert not [word for word in words if word not in str(result.exception)], result.exception
    assert "\n" not in str(result.exception)


def test_the_log_says_how_it_fares_where_there_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def some_messages(client: Client) -> None:
        await client.confirm()
        await asyncio.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        await client.socket.wait_closed()

    monkeypatch.setattr("lakehouse.recorder.service.LOGGED_STATUS_SECONDS", 0.2)
    caplog.set_level(logging.NOTSET, "lakehouse.recorder")  # which the command changes
    with ExchangeThread(some_messages) as exchange:
        CliRunner().invoke(app, arguments(exchange.url, tmp_path))

    told = [record for record in caplog.records if "messages/s" in record.getMessage()]
    assert told[0].getMessage().startswith("recording · ")
    assert told[0].levelno == logging.INFO


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
    "more",
    [["--channels", "ticker,user"], ["--products", " , "], ["--segment-size", "0"], ["--storage", "gcs"]],
)
def test_wrong_options_are_refused(tmp_path: Path, more: list[str]) -> None:
    result = CliRunner().invoke(app, arguments("ws://127.0.0.1:1", tmp_path, *more))
    assert result.exit_code == 2
