"""Airflow pools: one slot per layer, so that every table has one writer at a time."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from lakehouse.address import TABLE_LAYERS
from lakehouse.contract import tables


def domains() -> list[str]:
    """Every domain that has contracts."""
    return sorted(folder.name for folder in _contracts().iterdir() if folder.is_dir())


def pools() -> dict[str, int]:
    """Pool name → slots."""
    layers = [(domain, layer) for domain in domains() for layer in TABLE_LAYERS]
    return {
        f"{domain}_{layer}": 1
        for domain, layer in layers
        if (_contracts() / domain / layer).is_dir() and tables(domain, layer)
    }


def _contracts() -> Traversable:
    return files("lakehouse") / "contracts"
