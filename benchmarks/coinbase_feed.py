"""How many messages a second one client gets from the simulated exchange if it only counts them.

`.venv/bin/python -m benchmarks.coinbase_feed`. The exchange runs in a process of its own, as beside a recorder.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK

CHANNELS = ("heartbeats", "ticker", "level2", "market_trades")


async def count(url: str) -> tuple[int, int, float]:
    """Messages, bytes and seconds from the first request to the exchange's end."""
    messages = size = 0
    async with connect(url, max_size=None, compression=None) as connection:
        began = time.perf_counter()
        for channel in CHANNELS:
            await connection.send(json.dumps({"type": "subscribe", "channel": channel}))
        while True:
            try:
                text = await connection.recv(decode=False)
            except ConnectionClosedOK:
                return messages, size, time.perf_counter() - began
            messages += 1
            size += len(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--products", type=int, default=10)
    parser.add_argument("--no-ledger", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        command = [
            *(str(Path(sys.executable).with_name("lakehouse")), "simulate", "coinbase"),
            *("--port", "0", "--speed", "0"),
            *("--rate", "20000", "--messages", str(arguments.messages)),
            *("--products", str(arguments.products)),
            *([] if arguments.no_ledger else ["--ledger", str(Path(directory, "ledger.ndjson"))]),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout
            messages, size, seconds = asyncio.run(count(process.stdout.readline().strip()))
    served, counted = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    print(
        f"{messages:,} messages, {size / 1e6:,.0f} MB in {seconds:.1f} s: {messages / seconds:,.0f} messages/s"
    )
    print(
        f"CPU: exchange {served.ru_utime + served.ru_stime:.1f} s, client {counted.ru_utime + counted.ru_stime:.1f} s"
    )


if __name__ == "__main__":
    main()
