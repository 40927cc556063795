"""Airflow pools: one slot per layer, so that every table has one writer at a time."""

from importlib.resources import files

from lakehouse.contract import tables


def domains() -> list[str]:
    """Every domain that has contracts."""
    return sorted(folder.name for folder in (files("lakehouse") / "contracts").iterdir() if folder.is_dir())


def pools() -> dict[str, int]:
    """Pool name → slots."""
    layers = ("bronze", "silver", "gold")
    return {f"{domain}_{layer}": 1 for domain in domains() for layer in layers if tables(domain, layer)}
