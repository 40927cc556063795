"""`lakehouse simulate coinbase` as a process of its own."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner
from websockets.asyncio.client import connect

from lakehouse.cli.main import app
from lakehouse.simulate.coinbase.truth import read_truth
from tests.lakehouse.simulate.coinbase.feed import CHANNELS, START, listen, subscribe

LAKEHOUSE = (sys.executable, "-c", "from lakehouse.cli.main import main; main()", "simulate", "coinbase")
OPTIONS = (
    "--port",
    "0",
    "--speed",
    "0",
    "--start",
    START.strftime("%Y-%m-%dT%H:%M:%S"),
    "--start-after",
    "4",
)


def test_it_prints_its_url_serves_and_ends(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"
    command = [*LAKEHOUSE, *OPTIONS, "--minutes", "1", "--fault", "drop=0.01", "--ledger", str(ledger)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        texts = asyncio.run(_listen(url))
        _, status = process.communicate()

    truth = read_truth(ledger)
    fates = [message["fate"] for message in truth.messages]
    assert process.returncode == 0
    assert url.startswith("ws://127.0.0.1:")
    assert len(texts) == fates.count("sent") < len(fates)
    assert truth.ends[0]["time"] == "2026-04-07T14:31:00Z"
    assert "2026-04-07T14:31:00Z" in status
    assert f"{len(truth.gaps)} gaps" in status


def test_sigterm_completes_the_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"

    with subprocess.Popen(
        [*LAKEHOUSE, *OPTIONS, "--ledger", str(ledger)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        texts = asyncio.run(_listen_until_stopped(process.stdout.readline().strip(), process))

    truth = read_truth(ledger)
    assert process.returncode == 0
    assert truth.is_complete
    assert len(texts) == len(truth.messages) > 1_000


def test_a_fault_that_does_not_exist_is_named() -> None:
    result = CliRunner().invoke(app, ["simulate", "coinbase", "--fault", "lose=0.1"])
    assert result.exit_code == 2
    assert "unknown fault lose" in result.output


def test_a_port_that_is_taken_is_named() -> None:
    listener = asyncio.run(_refused())
    assert listener.returncode == 1
    assert "cannot serve on 127.0.0.1:" in listener.stderr
    assert "choose another --port" in listener.stderr


async def _listen(url: str) -> list[str]:
    async with connect(url, max_size=None) as connection:
        return await listen(connection)


async def _listen_until_stopped(url: str, process: "subprocess.Popen[str]") -> list[str]:
    async with connect(url, max_size=None) as connection:
        for channel in CHANNELS:
            await connection.send(subscribe(channel))
        first = [str(await connection.recv()) for _ in range(1_000)]
        process.send_signal(signal.SIGTERM)
        return first + await listen(connection, ())


async def _refused() -> "subprocess.CompletedProcess[str]":
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await asyncio.to_thread(
            subprocess.run, [*LAKEHOUSE, "--port", str(port)], capture_output=True, text=True, check=False
        )
