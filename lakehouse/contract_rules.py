"""The rules of a contract: its customProperties, which the standard leaves to each project."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakehouse.fhir.view_definition import ViewDefinition

Delivery = Literal["increment", "replace_by_name", "full_snapshot"]
Folder = Annotated[str, Field(pattern=r"^raw(/[a-z][a-z0-9_]*)+$")]
Format = Literal["table", "fhir"]
"""What the files of a dataset hold: tables (CSV, workbooks, JSON lines), or FHIR resources as JSON."""
SchemaPolicy = Literal["strict", "evolve", "permissive"]
"""`strict`: a file has exactly the contract's columns. `evolve`: it may add columns, and lack those that silver does
not require. `permissive`: any header; the checkpoint judges what is missing. The order of columns is always free."""


class Model(BaseModel):
    """Frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TieBreak(Model):
    """Which of two rows with the same key and version wins: the one with the `lowest` or `highest` value."""

    column: str
    wins: Literal["lowest", "highest"]


class Rules(Model):
    """The contract's customProperties, by name."""

    inputs: tuple[str, ...] = ()
    delivery: Delivery = "increment"
    recordVersion: tuple[str, ...] = ("_delivered_at",)  # noqa: N815
    """Columns whose highest values are the newest version of a record; by default the file's delivery time."""
    tieBreaks: tuple[TieBreak, ...] = ()  # noqa: N815
    zOrderBy: tuple[str, ...] = ()  # noqa: N815
    targetFileSizeMb: int = Field(128, ge=1)  # noqa: N815
    """Size to which maintenance brings the table's files, in MiB."""
    rejectedShareLimit: float = Field(0.01, ge=0, le=1)  # noqa: N815
    """Share of a run's new rows that may be rejected before the gate closes (`duplicate_key` not counted)."""
    onWarning: Literal["publish", "ask"] = "publish"  # noqa: N815
    """What follows when only lesser expectations are broken: publish, or ask a person in Airflow."""
    onWarningTimeoutMinutes: int = Field(24 * 60, ge=1)  # noqa: N815
    onWarningDefault: Literal["publish", "stop"] = "stop"  # noqa: N815
    """The decision where nobody answers in time."""
    arrival: Literal["scheduled", "occasional"] = "scheduled"
    startsRun: bool = True  # noqa: N815
    """Whether a file that arrives may start a run; else its domain's DAG runs by the clock alone."""
    format: Format = "table"
    landing: tuple[Folder, ...] = ()
    """Folders in which a dataset's files are delivered; by default `raw/<dataset>`."""
    restricted: bool = False
    """Whether rows are about patients, so that who only runs the lakehouse may see counts and places alone."""
    viewDefinition: ViewDefinition | None = None  # noqa: N815
    """How a table of silver is made from FHIR resources."""
    schemaPolicy: SchemaPolicy | dict[str, SchemaPolicy] = "permissive"  # noqa: N815
    """In every environment, or by environment, where `default` is for those not named."""
