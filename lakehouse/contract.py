"""Data contracts: what a table is, in the Open Data Contract Standard (ODCS) v3.1.

Spark schema, casts, structural expectations, catalog entries and docs pages derive from these models.
Unknown keys are errors. Standard: https://bitol-io.github.io/open-data-contract-standard/
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from lakehouse.address import TABLE_LAYERS, Address
from lakehouse.contract_rules import Model, Rules
from lakehouse.fhir.view_definition import VERSION_COLUMNS, ViewDefinition

LINEAGE = {
    "_source_file": "string",
    "_source_sheet": "string",
    "_source_row": "bigint",
    "_source_hash": "string",
    "_delivered_at": "timestamp",
    "_ingested_at": "timestamp",
}
"""Where a row came from: file URI, sheet (empty for CSV), row from 1 in the file or sheet (the header is row 1),
SHA-256 of the file's bytes, when S3 received the file, when the run that read it started. Both times are UTC."""

_UNITS = {"d": "days", "h": "hours", "min": "minutes"}


class ContractError(ValueError):
    """A contract that is missing or does not follow the standard; the message names file and key."""


class Relationship(Model):
    """A foreign key: `to` is `<domain>.<layer>.<table>.<column>`."""

    type: Literal["foreignKey"] = "foreignKey"
    to: str

    @property
    def address(self) -> Address:
        return Address.parse(self.to.rsplit(".", 1)[0])

    @property
    def column(self) -> str:
        return self.to.rsplit(".", 1)[1]


class Column(Model):
    """One property of the schema; `physicalType` is a Spark SQL type."""

    name: str
    logicalType: Literal["string", "integer", "number", "date", "timestamp", "boolean"]  # noqa: N815
    physicalType: str  # noqa: N815
    description: str
    required: bool = False
    primaryKey: bool = False  # noqa: N815
    primaryKeyPosition: int = -1  # noqa: N815
    partitioned: bool = False
    relationships: tuple[Relationship, ...] = ()
    examples: tuple[str | int | float, ...] = ()


class Table(Model):
    """The one schema object of a contract."""

    name: str
    physicalType: Literal["table"] = "table"  # noqa: N815
    description: str
    dataGranularityDescription: str  # noqa: N815
    properties: tuple[Column, ...]


class Sla(Model):
    property: str
    value: int | str
    unit: str | None = None
    element: str | None = None
    driver: str | None = None


class Custom(Model):
    property: str
    value: Any
    description: str | None = None


class Description(Model):
    purpose: str
    usage: str | None = None
    limitations: str | None = None


class Contract(Model):
    """One table's contract."""

    apiVersion: Literal["v3.1.0"]  # noqa: N815
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: Literal["draft", "active", "deprecated", "retired"]
    domain: str
    dataProduct: str  # noqa: N815
    description: Description
    schema_: tuple[Table, ...] = Field(alias="schema", min_length=1, max_length=1)
    slaProperties: tuple[Sla, ...] = ()  # noqa: N815
    customProperties: tuple[Custom, ...] = ()  # noqa: N815

    @model_validator(mode="after")
    def _rules_are_known(self) -> Self:
        self.rules  # noqa: B018 - raises on an unknown or malformed custom property
        names = {*self.column_names, *LINEAGE}
        used = {t.column for t in self.rules.tieBreaks} | {*self.rules.zOrderBy, *self.rules.recordVersion}
        if unknown := used - names:
            raise ValueError(
                f"customProperties name columns that the schema lacks: {', '.join(sorted(unknown))}"
            )
        if self.rules.viewDefinition:
            self._require_columns_of(self.rules.viewDefinition)
        return self

    def _require_columns_of(self, view: ViewDefinition) -> None:
        made = {*VERSION_COLUMNS, *(column.name for column in view.columns)}
        if differing := made ^ {*self.column_names}:
            raise ValueError(
                f"the schema and the viewDefinition differ in the columns: {', '.join(sorted(differing))}"
            )
        if self.primary_key != [view.key]:
            raise ValueError(f"the key must be {view.key}, as the viewDefinition says")

    @property
    def address(self) -> Address:
        return Address.parse(self.id)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.schema_[0].properties

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def rules(self) -> Rules:
        return Rules.model_validate({custom.property: custom.value for custom in self.customProperties})

    @property
    def primary_key(self) -> list[str]:
        keys = sorted((c for c in self.columns if c.primaryKey), key=lambda c: c.primaryKeyPosition)
        return [column.name for column in keys]

    @property
    def partition_by(self) -> list[str]:
        return [column.name for column in self.columns if column.partitioned]

    @property
    def inputs(self) -> list[Address]:
        return [Address.parse(text) for text in self.rules.inputs]

    @property
    def landings(self) -> dict[str, str]:
        """Name → folder of the bucket of raw in which the dataset's files are delivered.

        The one folder goes by the dataset's name, of several each by its own.
        """
        folders = self.rules.landing or (f"raw/{self.name}",)
        if len(folders) == 1:
            return {self.name: folders[0]}
        return {folder.rpartition("/")[2]: folder for folder in folders}

    @property
    def made_in(self) -> str:
        """The layer whose step makes the table: gold's also makes what silver derives from silver."""
        is_derived = any(address.layer == "silver" for address in self.inputs)
        return "gold" if self.address.layer == "silver" and is_derived else self.address.layer

    @property
    def references(self) -> dict[str, Relationship]:
        """Column → the parent column that must hold its value."""
        return {column.name: r for column in self.columns for r in column.relationships}

    @property
    def retention_days(self) -> int:
        """Days for which Delta keeps old versions."""
        return next((int(s.value) for s in self.slaProperties if s.property == "retention"), 30)

    @property
    def latency(self) -> timedelta | None:
        """How old the newest publication of the table's domain may be; None where no service level says so.

        Raises ContractError.
        """
        level = next((s for s in self.slaProperties if s.property == "latency"), None)
        if level is None:
            return None
        unit = _UNITS.get(level.unit or "")
        if unit is None:
            raise ContractError(
                f"{self.id}: the unit of latency must be one of {', '.join(_UNITS)}, not {level.unit}"
            )
        return timedelta(**{unit: int(level.value)})

    @property
    def key_ddl(self) -> str:
        """The Spark schema of the primary key as DDL."""
        kinds = {column.name: column.physicalType for column in self.columns}
        return ", ".join(f"`{name}` {kinds[name]}" for name in self.primary_key)

    @property
    def ddl(self) -> str:
        """The Spark schema as DDL."""
        return ", ".join(f"`{column.name}` {column.physicalType}" for column in self.columns)


def load(address: Address) -> Contract:
    """The contract of a table; raises ContractError."""
    by_address = {contract.address: contract for contract in tables(address.domain, address.layer)}
    try:
        return by_address[address]
    except KeyError:
        known = ", ".join(str(a) for a in by_address) or "none"
        raise ContractError(f"no contract for {address}; this layer has: {known}") from None


@cache
def tables(domain: str, layer: str) -> tuple[Contract, ...]:
    """Every contract of a layer, a table after those it refers to; raises ContractError."""
    folder = files("lakehouse") / "contracts" / domain / layer
    if not folder.is_dir():
        raise ContractError(
            f"no contracts for {domain}.{layer}: there is no folder contracts/{domain}/{layer}"
        )
    found = [_read(file) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return tuple(_parents_first(sorted(found, key=lambda c: c.name)))


def made_in(domain: str, layer: str) -> tuple[Contract, ...]:
    """The contracts of the tables that a layer's step makes, a table after those it refers to; raises ContractError."""
    found = [contract for contract in tables(domain, layer) if contract.made_in == layer]
    derived = [c for c in tables(domain, "silver") if c.made_in == "gold"] if layer == "gold" else []
    return (*derived, *found)


def stored_tables(domain: str) -> Iterator[tuple[Address, Contract]]:
    """Every table of a domain, rejected rows among them, with the contract it follows; raises ContractError."""
    for layer in TABLE_LAYERS:
        for contract in tables(domain, layer):
            yield contract.address, contract
            if layer == "silver":
                yield contract.address.at("rejected"), contract


def published_inputs(contract: Contract) -> list[Address]:
    """What a table is made from; a table that is derived in the same step stands for what that is made from."""
    found: dict[Address, None] = {}
    for address in contract.inputs:
        is_derived = address.layer == "silver" and load(address).made_in == contract.made_in
        found |= dict.fromkeys(published_inputs(load(address)) if is_derived else [address])
    return list(found)


def _read(file: Traversable) -> Contract:
    try:
        return Contract.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise ContractError(f"{file}: {error}") from error


def _parents_first(contracts: list[Contract]) -> list[Contract]:
    ordered: list[Contract] = []
    while contracts:
        waiting = {contract.address for contract in contracts}
        ready = [
            c for c in contracts if not waiting & {r.address for r in c.references.values()} - {c.address}
        ]
        if not ready:
            raise ContractError(f"references run in a circle: {', '.join(sorted(map(str, waiting)))}")
        ordered += ready
        contracts = [c for c in contracts if c not in ready]
    return ordered
