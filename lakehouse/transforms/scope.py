"""What of tables a change of their inputs reaches, and of which rows of the inputs that much is made.

A domain has its own rule where `lakehouse.transforms.<domain>.scope` is a module with a function `scopes`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from lakehouse.address import Address
from lakehouse.contract import Contract


@dataclass(frozen=True)
class Change:
    """An input as a table has taken it in, and as it is now."""

    before: DataFrame
    after: DataFrame
    apart: Callable[[], tuple[DataFrame, DataFrame]]
    """The rows of `before` and of `after` without most that are the same; what only moved may be in both."""
    partitions: Sequence[Mapping[str, str | None]]
    """Partition values, as text, of the files that came or went."""

    def values(self, column: str) -> set[str]:
        """What a partition column says of these files."""
        return {value for partition in self.partitions if (value := partition.get(column)) is not None}


@dataclass(frozen=True)
class Scope:
    """Partitions of a table, and inputs of which exactly their rows are made; other rows may be wrong."""

    partitions: Sequence[str | None]
    """Values of the partition column, as text; None for null."""
    inputs: Mapping[Address, DataFrame]
    """Published tables, at least those it is made of: what is derived in the same step is made of them."""


type Inputs = Mapping[Address, DataFrame]
type Changes = Mapping[Address, Change]
"""Of the inputs that changed."""
type Scopes = Mapping[Address, Scope]
"""By table; one without a scope is recomputed whole."""
type Rule = Callable[[Sequence[Contract], Inputs, Changes, set[str]], Scopes]
"""The scopes of tables that have taken in the same versions: of changes to the inputs of one or more of them, and of
partitions that are asked for besides."""
