"""The code of a domain that makes a table's rows: `lakehouse.transforms.<domain>.<layer>.<table>`.

Gold has a module for every table. Silver has one where rows are not simply the columns of bronze by name. A domain has
`lakehouse.transforms.<domain>.scope` where changes reach further than the business dates of what changed.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.address import Address
from lakehouse.contract import Contract
from lakehouse.fhir.silver import view_rows
from lakehouse.steps import business_dates
from lakehouse.transforms.scope import Rule

type Transform = Callable[..., DataFrame]


def gold_rows(contract: Contract, inputs: Mapping[Address, DataFrame]) -> DataFrame:
    """The contract's columns, made from the tables of `inputs`."""
    made = _transform(contract)(**{address.table: frame for address, frame in inputs.items()})
    return made.select(*(F.col(c.name).cast(c.physicalType) for c in contract.columns))


def silver_rows(contract: Contract, source: Address, bronze: DataFrame) -> DataFrame:
    """The contract's columns as text, beside the engine's own, by its view, its transform, or as bronze has them.

    A transform may make several rows of one and none of another. It keeps every column whose name begins with `_`,
    but for `_source_sheet`, which then says which part of the record a row was. A column `_fault` may name a rule that
    a row breaks.
    """
    if contract.rules.viewDefinition:
        return view_rows(contract, contract.rules.viewDefinition, bronze)
    return _transform(contract)(**{source.table: bronze}) if has_transform(contract) else bronze


def scope_rule(domain: str) -> Rule:
    """What tells which partitions of gold tables to recompute."""
    module = f"lakehouse.transforms.{domain}.scope"
    rule: Rule = import_module(module).scopes if _exists(module) else business_dates.scopes
    return rule


def has_transform(contract: Contract) -> bool:
    """Whether the domain has a module for the table."""
    return _exists(_module(contract))


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a package above it
        return False


def _transform(contract: Contract) -> Transform:
    transform: Transform = import_module(_module(contract)).transform
    return transform


def _module(contract: Contract) -> str:
    return f"lakehouse.transforms.{contract.domain}.{contract.address.layer}.{contract.name}"
