"""How many messages a second the recorder takes on one core, and how late it acknowledges them.

`.venv/bin/python -m benchmarks.recorder --messages 400000 --rate 20000` sends the same frames, first as fast as they
are taken, then at a rate, to a client of websockets that only counts and to the recorder, each a process bound to one
core; the server has another. Prints messages/s, CPU, their ratio, and the lag from sending to acknowledgement. Frames
are updates of level2 (about 350 bytes); the vault is a folder.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

_SERVER_CORE, _CLIENT_CORE = 0, 1
_UPDATE = {"side": "bid", "event_time": "2026-04-07T14:30:01.456789Z", "price_level": "68900.00"}
_BURST_SECONDS = 0.005
_BURST = 200


def update(number: int, when: int) -> bytes:
    """A frame with an update of level2, as it goes over the wire."""
    body = json.dumps([{**_UPDATE, "new_quantity": "2.00000000"}] * 2)
    head = f'{{"channel":"l2_data","client_id":"","timestamp":"{when}","sequence_num":{number}'
    event = f'{{"type":"update","product_id":"BTC-USD","updates":{body}}}'
    text = f'{head},"events":[{event}]}}'
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def send(socket: ServerConnection, count: int, rate: float) -> None:
    """Send so many frames, `timestamp` being the nanosecond at which each was due; rate 0 is as fast as possible."""
    channels = {name: ["BTC-USD"] for name in ("heartbeats", "ticker", "level2", "market_trades")}
    confirmation = [{"subscriptions": channels}]
    await socket.send(
        json.dumps({"channel": "subscriptions", "timestamp": "", "sequence_num": 0, "events": confirmation})
    )
    started = time.time_ns()
    sent = 0
    while sent < count:
        due = min(count, int((time.time_ns() - started) / 1e9 * rate) if rate else sent + _BURST)
        whens = (started + int(number / rate * 1e9) if rate else 0 for number in range(sent, due))
        # Past the library's own sender, which would be slower than the clients that are measured.
        socket.transport.write(b"".join(update(sent + 1 + place, when) for place, when in enumerate(whens)))
        await socket.drain()
        sent = due
        await asyncio.sleep(_BURST_SECONDS if rate else 0)
    await socket.wait_closed()


async def count_only(url: str, count: int) -> None:
    """The client to compare with."""
    async with connect(url, max_size=None, max_queue=4096, compression=None) as socket:
        for _ in range(count + 1):
            await socket.recv(decode=False)


async def record_all(url: str, count: int, folder: Path) -> None:
    """The recorder as the command runs it, told to stop once everything is acknowledged."""
    import signal  # noqa: PLC0415

    from lakehouse.recorder import service  # noqa: PLC0415
    from lakehouse.recorder.subscription import Subscription  # noqa: PLC0415
    from lakehouse.recorder.write_ahead import WriteAheadFile  # noqa: PLC0415
    from lakehouse.storage.objects.local import LocalStore  # noqa: PLC0415

    acknowledged: list[tuple[int, int]] = []
    append = WriteAheadFile.append

    def timed(self: WriteAheadFile, lines: list[bytes], counter: int) -> None:
        append(self, lines, counter)
        before = acknowledged[-1][0] if acknowledged else -1
        acknowledged.append((counter, time.time_ns()))
        # Line 0 is `connected`, line 1 the confirmation.
        if before <= count < counter:
            os.kill(os.getpid(), signal.SIGTERM)

    WriteAheadFile.append = timed  # type: ignore[method-assign]
    subscription = Subscription(url, ("BTC-USD",))
    options = service.Options(folder / "ahead", metrics_interval=0)
    await service.record(subscription, LocalStore(folder / "vault"), options)
    (folder / "acknowledged.json").write_text(json.dumps(acknowledged))


def lags(folder: Path) -> list[float]:
    """Seconds from when each message was due to its acknowledgement, sorted."""
    acknowledged = iter(json.loads((folder / "acknowledged.json").read_text()))
    last, moment = next(acknowledged)
    found = []
    for path in sorted((folder / "vault").rglob("segment_*.ndjson")):
        with path.open("rb") as file:
            for line in map(json.loads, file):
                while line["counter"] > last:
                    last, moment = next(acknowledged)
                if '"l2_data"' in line.get("payload", "")[:30]:
                    found.append((moment - int(json.loads(line["payload"])["timestamp"])) / 1e9)
    return sorted(found)


def measure(role: str, count: int, rate: float, folder: Path) -> tuple[float, float]:
    """Messages a second and the client's CPU share, serving in this process, with the client in another."""
    folder.mkdir()

    async def run() -> tuple[float, float]:
        begun: list[float] = []

        async def handler(socket: ServerConnection) -> None:
            begun.append(time.monotonic())
            await send(socket, count, rate)

        async with serve(handler, "127.0.0.1", 0, compression=None, max_size=None) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            command = [sys.executable, "-m", "benchmarks.recorder", "--role", role, "--url", url]
            command += ["--messages", str(count), "--folder", str(folder)]
            process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            output, _ = await process.communicate()
            ended, cpu = map(float, output.split()[-2:])
            seconds = ended - begun[0]
            return count / seconds, cpu / seconds

    return asyncio.run(run())


def child(arguments: argparse.Namespace) -> None:
    """Run one client on a core of its own; prints when it ended and its CPU seconds since it was ready."""
    os.sched_setaffinity(0, {_CLIENT_CORE})
    clients: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "count": lambda: count_only(arguments.url, arguments.messages),
        "record": lambda: record_all(arguments.url, arguments.messages, arguments.folder),
    }
    before = time.process_time()
    asyncio.run(clients[arguments.role]())
    sys.stdout.write(f"{time.monotonic()} {time.process_time() - before}\n")


def main() -> None:
    """Measure both clients, at full speed and at the rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=400_000)
    parser.add_argument(
        "--rate", type=float, default=20_000, help="messages a second of the second measurement"
    )
    parser.add_argument("--role", choices=("count", "record"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role:
        child(arguments)
        return
    os.sched_setaffinity(0, {_SERVER_CORE})
    with tempfile.TemporaryDirectory(prefix="lakehouse-benchmark-") as folder:
        a_core = {}
        for role in ("count", "record"):
            speed, cpu = measure(role, arguments.messages, 0, Path(folder, role))
            a_core[role] = speed / cpu
            print(f"{role:7} at full speed: {speed:,.0f} messages/s, {a_core[role]:,.0f} for a second of CPU")
        print(f"ratio of messages for a second of CPU: {a_core['record'] / a_core['count']:.2f}")
        speed, cpu = measure("record", arguments.messages, arguments.rate, Path(folder, "rate"))
        found = lags(Path(folder, "rate"))
        p50, p99 = (found[int(len(found) * share)] * 1000 for share in (0.5, 0.99))
        print(f"record  at {arguments.rate:,.0f}/s: {speed:,.0f} messages/s, {cpu:.0%} of a core")
        print(
            f"lag from sending to acknowledgement: p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {found[-1] * 1000:.0f} ms"
        )


if __name__ == "__main__":
    main()
