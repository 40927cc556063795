"""What silver holds that tables of gold have not taken in, and which part of them it reaches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from pyspark.sql import SparkSession

from lakehouse.address import Address
from lakehouse.contract import Contract, published_inputs
from lakehouse.steps.business_dates import is_by_date
from lakehouse.steps.candidate import inputs_taken_in
from lakehouse.steps.concurrently import for_each_table
from lakehouse.steps.run import Run
from lakehouse.steps.silver_versions import change_of, rows_at
from lakehouse.steps.transforms import scope_rule
from lakehouse.storage import delta_log
from lakehouse.storage.columns import is_partitioned_as_stated
from lakehouse.transforms.scope import Change, Inputs, Scope, Scopes

type Versions = Mapping[Address, int]


@dataclass
class _Alike:
    """Partitioned tables of which no two have taken in different versions of anything: what came is looked up once."""

    before: dict[Address, int] = field(default_factory=dict)
    contracts: list[Contract] = field(default_factory=list)
    scopes: Scopes | None = None
    lock: Lock = field(default_factory=Lock)

    def admits(self, before: Versions) -> bool:
        return all(self.before.get(address, version) == version for address, version in before.items())

    def add(self, contract: Contract, before: Versions) -> None:
        self.before.update(before)
        self.contracts.append(contract)


class Arrivals:
    """Silver at one moment, of which all tables are made, against what each of them has taken in."""

    def __init__(self, spark: SparkSession, run: Run, contracts: Sequence[Contract]) -> None:
        self._spark, self._run = spark, run
        inputs = {address for contract in contracts for address in published_inputs(contract)}
        self._now = {address: delta_log.version(run.uri(address)) for address in inputs}
        self._before = for_each_table(contracts, self._taken_in)
        self._groups: list[_Alike] = []
        for contract in (contract for contract in contracts if contract.partition_by):
            before = self._before[contract.name]
            group = next((group for group in self._groups if group.admits(before)), None)
            if group is None:
                self._groups.append(group := _Alike())
            group.add(contract, before)

    def now(self, contract: Contract) -> Versions:
        """The versions of a table's inputs; raises ValueError where one was never published."""
        versions = {address: self._now[address] for address in published_inputs(contract)}
        if missing := [str(address) for address, version in versions.items() if version is None]:
            raise ValueError(
                f"{contract.address} needs {', '.join(missing)}, which has nothing published yet: deliver it"
            )
        return {address: version for address, version in versions.items() if version is not None}

    def are_new(self, contract: Contract) -> bool:
        """Whether a table's inputs are not as it has taken them in."""
        return bool(self._changed(contract))

    def inputs(self, contracts: Iterable[Contract]) -> Inputs:
        """Rows of all inputs of some tables."""
        versions = {a: version for contract in contracts for a, version in self.now(contract).items()}
        return {a: rows_at(self._spark, self._run, a, version) for a, version in versions.items()}

    def scope(self, contract: Contract) -> Scope | None:
        """What of a table to recompute; None recomputes the whole table."""
        group = next((group for group in self._groups if contract in group.contracts), None)
        if group is None:
            return None
        with group.lock:
            if group.scopes is None:
                group.scopes = self._scopes(group)
            return group.scopes.get(contract.address)

    def _taken_in(self, contract: Contract) -> Versions:
        before = {} if self._run.full_refresh else inputs_taken_in(self._run, contract.address)
        return {Address.parse(name): version for name, version in before.items()}

    def _changed(self, contract: Contract) -> list[Address]:
        before = self._before[contract.name]
        return [a for a in published_inputs(contract) if before.get(a) != self._now[a]]

    def _scopes(self, group: _Alike) -> Scopes:
        asked = {date.isoformat() for date in self._run.dates}
        contracts = [contract for contract in group.contracts if self._is_partitioned_as_stated(contract)]
        changes: dict[Address, Change] = {}
        if self._run.source and asked:
            contracts = [contract for contract in contracts if is_by_date(contract)]
        else:
            contracts = [c for c in contracts if self._has_taken_in_all(c) and (asked or self.are_new(c))]
            changes = self._changes(group.before, {a for c in contracts for a in self._changed(c)})
            contracts = [contract for contract in contracts if {*self._changed(contract)} <= changes.keys()]
        if not contracts:
            return {}
        inputs = self.inputs(contracts)
        known = {address: change for address, change in changes.items() if address in inputs}
        return scope_rule(self._run.domain)(contracts, inputs, known, asked)

    def _is_partitioned_as_stated(self, contract: Contract) -> bool:
        return is_partitioned_as_stated(self._spark, self._run.uri(contract.address), contract)

    def _has_taken_in_all(self, contract: Contract) -> bool:
        return {*published_inputs(contract)} <= self._before[contract.name].keys()

    def _changes(self, before: Versions, changed: Iterable[Address]) -> dict[Address, Change]:
        """As far as they are known."""
        found = {
            address: change_of(self._spark, self._run, address, before[address], now)
            for address in changed
            if (now := self._now[address]) is not None
        }
        return {address: change for address, change in found.items() if change}
