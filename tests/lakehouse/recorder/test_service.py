"""The recorder from its first connection to its graceful end, against an exchange that follows a script."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from lakehouse.recorder.service import Options, Outcome, record
from lakehouse.recorder.subscription import Subscription
from lakehouse.storage.objects.local import LocalStore
from tests.lakehouse.recorder.exchange import Client, Exchange, Script
from tests.lakehouse.recorder.lines import lines_of, payload_of

TRADE = {
    "type": "update",
    "trades": [{"trade_id": "1", "product_id": "BTC-USD", "price": "1.00", "size": "1", "side": "BUY"}],
}


def recorded(
    tmp_path: Path, script: Script, **options: Any
) -> tuple[Exchange, Outcome, list[dict[str, Any]]]:
    """Record what the script sends, stopped by SIGTERM when it calls `stop`; the lines in the vault."""
    store = LocalStore(tmp_path / "vault")

    async def run() -> tuple[Exchange, Outcome]:
        async with Exchange(script).serving() as exchange:
            subscription = Subscription(exchange.url, ("BTC-USD", "ETH-USD"))
            outcome = await record(subscription, store, Options(tmp_path / "ahead", **options))
            return exchange, outcome

    exchange, outcome = asyncio.run(run())
    return exchange, outcome, lines_of(store)


async def stop(client: Client) -> None:
    """End the recorder as an operator would; what was sent before must be recorded."""
    await (await client.socket.ping())
    os.kill(os.getpid(), signal.SIGTERM)
    await client.socket.wait_closed()


def test_every_frame_is_kept_byte_for_byte(tmp_path: Path) -> None:
    frames: list[str | bytes] = [
        '{"channel": "ticker",   "sequence_num": 1}',
        'not JSON at all \u2028 \U0001f600 \x00 \\ " \n\r',
        b"\xff\xfe\x00binary",
        "",
        '{"channel":"market_trades","sequence_num":2,"a":1,"a":2}',
        '{"truncated": [1, 2',
    ]

    async def script(client: Client) -> None:
        await client.confirm()
        for frame in frames:
            await client.send(frame)
        await stop(client)

    exchange, outcome, lines = recorded(tmp_path, script)

    assert [line["kind"] for line in lines] == ["connected", *["message"] * 7, "disconnected"]
    assert [payload_of(line) for line in lines if line["kind"] == "message"] == exchange.clients[0].sent
    assert [line["counter"] for line in lines] == list(range(9))
    assert outcome.left == 0
    assert outcome.uploaded == 1
