"""Which table is made from which: the edges are the contracts' `inputs`, whose steps make no others."""

from lakehouse.address import TABLE_LAYERS, Address
from lakehouse.contract import Contract, load, tables


def upstream(address: Address) -> list[Address]:
    """What a table is made from, directly."""
    return load(address).inputs


def downstream(address: Address) -> list[Address]:
    """What is made from a table, directly, in the order of the flow."""
    return [contract.address for contract in _contracts(address.domain) if address in contract.inputs]


def all_downstream(address: Address) -> list[Address]:
    """Everything that is made from a table, directly or not, in the order of the flow."""
    found = {address}
    ordered = []
    waiting = _contracts(address.domain)
    while reached := [c for c in waiting if found.intersection(c.inputs)]:
        ordered += [contract.address for contract in reached]
        found.update(contract.address for contract in reached)
        waiting = [contract for contract in waiting if contract not in reached]
    return ordered


def _contracts(domain: str) -> list[Contract]:
    return [contract for layer in TABLE_LAYERS for contract in tables(domain, layer)]
