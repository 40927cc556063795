"""Where commands print."""

from rich.console import Console

WIDTH_OF_A_FILE = 200


def output() -> Console:
    """Standard output; wide where it is no terminal, so that a log or a pipe gets whole values."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    return console
