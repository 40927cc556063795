"""Where commands print."""

from rich.console import Console

WIDTH_OF_A_FILE = 200


def output() -> Console:
    """Standard output; wide where it is no terminal, so that a log or a pipe gets whole values."""
    return _wide(Console())


def errors() -> Console:
    """Standard error, for what a document on standard output has no place for."""
    return _wide(Console(stderr=True))


def _wide(console: Console) -> Console:
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    return console
