"""What a table takes from a resource: a subset of SQL on FHIR's ViewDefinition, with constraints as in profiles.

https://sql-on-fhir.org/ig/2.0.0/StructureDefinition-ViewDefinition.html. Every column of a view is one element;
`collection` makes a JSON array of several, of objects where the column has `fields` (which the standard lacks).
Constraints: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakehouse.fhir.path import compile_path

KEY_PATH = "getResourceKey()"
"""Path of the one column that is the key: the resource's id."""

VERSION_COLUMNS = ("version_id", "version_number", "last_updated", "is_deleted")
"""Columns that every table made by a view has besides: which version of the resource a row is."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArrayMember(_Model):
    """A member of the objects in a column's array; `path` begins at an element of the column's path."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    path: str

    @model_validator(mode="after")
    def _path_is_known(self) -> Self:
        compile_path(self.path)
        return self


class ViewColumn(ArrayMember):
    """A column of the table: its name and the FHIRPath that makes it."""

    collection: bool = False
    fields: tuple[ArrayMember, ...] = ()


class Select(_Model):
    column: tuple[ViewColumn, ...] = Field(min_length=1)


class Constraint(_Model):
    """What must not be false of a resource; `key` is the rule that a resource breaks for which it is."""

    key: str = Field(pattern=r"^[a-z_]+(:[a-z_]+)?$")
    expression: str
    human: str

    @model_validator(mode="after")
    def _expression_is_known(self) -> Self:
        compile_path(self.expression)
        return self


class ViewDefinition(_Model):
    """The view of resources of one type."""

    resource: str = Field(pattern=r"^[A-Z][A-Za-z]+$")
    select: tuple[Select, ...] = Field(min_length=1)
    constraint: tuple[Constraint, ...] = ()

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        names = [column.name for column in self.columns]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"the view makes {', '.join(sorted(twice))} twice")
        if [column.path for column in self.columns].count(KEY_PATH) != 1:
            raise ValueError(f"the path of one column, the key, must be {KEY_PATH}")
        return self

    @property
    def columns(self) -> tuple[ViewColumn, ...]:
        return tuple(column for select in self.select for column in select.column)

    @property
    def key(self) -> str:
        """The column that holds the resource's id."""
        return next(column.name for column in self.columns if column.path == KEY_PATH)
