"""Faults as a command line names them, such as `drop=0.001`."""

from collections.abc import Iterable, Iterator


def named_values(texts: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and value of each text; raises ValueError for a name that is not known, and says which there are."""
    names = list(known)
    for text in texts:
        name, _, value = text.partition("=")
        if name not in names:
            raise ValueError(f"unknown fault {name}: it must be one of {', '.join(names)}")
        yield name, value
