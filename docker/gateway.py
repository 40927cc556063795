"""Let the host in: forward ports of the container's own address to the loopback that all containers of the stack share.

`python docker/gateway.py 4566 8080`. The parts listen on loopback only, as on a laptop; the same port is used on
both sides, so that a URL that one of them hands out holds on the host too.
"""

import asyncio
import contextlib
import socket
import sys

_CHUNK_BYTES = 1 << 16


def own_address() -> str:
    """The container's address in the network that the host reaches."""
    return socket.gethostbyname(socket.gethostname())


async def forward(port: int, address: str) -> asyncio.Server:
    """Serve a port of an address by what listens on the same port of loopback."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()  # nothing listens there yet
            return
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))

    return await asyncio.start_server(connected, address, port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def main(ports: list[int]) -> None:
    """Forward until the container is stopped."""
    servers = [await forward(port, own_address()) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def check(port: int) -> None:
    """Fail where the port is not forwarded."""
    socket.create_connection((own_address(), port), timeout=5).close()


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(int(sys.argv[2]))
    else:
        asyncio.run(main([int(port) for port in sys.argv[1:]]))
