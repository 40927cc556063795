"""Connections that break."""

import os
import socket
import struct
from typing import Any


class BrokenConnectionError(ConnectionResetError):
    """The client's connection was reset on purpose; the server's handler takes it for a client that went away."""


def reset(environ: dict[str, Any]) -> BrokenConnectionError:
    """Reset the connection of a request; returns what the application has to raise."""
    connection: socket.socket = environ["werkzeug.socket"]
    # With a linger of zero the close is an RST; a shutdown before it, as the server does, would be a FIN.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
    return BrokenConnectionError("reset by a rule of the fault plane")
