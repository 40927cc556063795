"""CREATE EXTERNAL TABLE: Hive's DDL turned into an entry of the Glue catalog."""

from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_aws.athena import delta
from local_aws.athena.errors import NOT_SUPPORTED, SYNTAX_ERROR, QueryFailedError

_HADOOP = "org.apache.hadoop."
_LAZY_SERDE = f"{_HADOOP}hive.serde2.lazy.LazySimpleSerDe"

_FORMATS = {
    "PARQUET": (
        f"{_HADOOP}hive.ql.io.parquet.MapredParquetInputFormat",
        f"{_HADOOP}hive.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HADOOP}hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        f"{_HADOOP}hive.ql.io.orc.OrcInputFormat",
        f"{_HADOOP}hive.ql.io.orc.OrcOutputFormat",
        f"{_HADOOP}hive.ql.io.orc.OrcSerde",
    ),
    "TEXTFILE": (
        f"{_HADOOP}mapred.TextInputFormat",
        f"{_HADOOP}hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        _LAZY_SERDE,
    ),
    "AVRO": (
        f"{_HADOOP}hive.ql.io.avro.AvroContainerInputFormat",
        f"{_HADOOP}hive.ql.io.avro.AvroContainerOutputFormat",
        f"{_HADOOP}hive.serde2.avro.AvroSerDe",
    ),
    "SEQUENCEFILE": (
        f"{_HADOOP}mapred.SequenceFileInputFormat",
        f"{_HADOOP}hive.ql.io.HiveSequenceFileOutputFormat",
        _LAZY_SERDE,
    ),
    "RCFILE": (
        f"{_HADOOP}hive.ql.io.RCFileInputFormat",
        f"{_HADOOP}hive.ql.io.RCFileOutputFormat",
        f"{_HADOOP}hive.serde2.columnar.LazyBinaryColumnarSerDe",
    ),
}


@dataclass(frozen=True)
class ExternalTable:
    """A parsed CREATE EXTERNAL TABLE.

    Attributes:
        database: None for the database of the query's context.
        if_not_exists: Whether a table of this name is no error.
        columns: Columns in the catalog's notation, without those of the partitions.
        storage: Input format, output format and SerDe.
    """

    database: str | None
    name: str
    if_not_exists: bool
    columns: list[dict[str, str]]
    partitions: list[dict[str, str]]
    location: str
    properties: dict[str, str]
    storage: tuple[str, str, str]
    serde_properties: dict[str, str]
    comment: str | None

    @property
    def is_delta(self) -> bool:
        return self.properties.get("table_type", "").upper() == "DELTA"

    def table_input(self, storage_options: dict[str, str]) -> dict[str, Any]:
        """Entry of the Glue catalog; a Delta table's columns are read from its log."""
        if self.is_delta:
            if self.columns or self.partitions:
                raise QueryFailedError(
                    "FAILED: SemanticException Delta Lake tables take their columns from the transaction "
                    "log; leave columns and PARTITIONED BY out",
                    SYNTAX_ERROR,
                )
            columns = delta.columns(self.location, storage_options)
            entry = delta.table_input(self.name, self.location, columns, self.properties)
        else:
            entry = self._hive_table_input()
        return {**entry, "Description": self.comment} if self.comment else entry

    def _hive_table_input(self) -> dict[str, Any]:
        if not self.columns:
            raise QueryFailedError(
                "FAILED: SemanticException at least one column must be specified", SYNTAX_ERROR
            )
        reader, writer, serde = self.storage
        return {
            "Name": self.name,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": self.partitions,
            "Parameters": {"EXTERNAL": "TRUE", **self.properties},
            "StorageDescriptor": {
                "Columns": self.columns,
                "Location": self.location,
                "InputFormat": reader,
                "OutputFormat": writer,
                "SerdeInfo": {
                    "SerializationLibrary": serde,
                    "Parameters": {"serialization.format": "1", **self.serde_properties},
                },
            },
        }


def parse(sql: str) -> ExternalTable:
    """Parse the statement.

    Raises:
        QueryFailedError: It is not valid, or names no location.
    """
    created = _parsed(sql)
    table = created.find(exp.Table)
    if not isinstance(created, exp.Create) or table is None:
        raise QueryFailedError("FAILED: ParseException no table is named", SYNTAX_ERROR)
    declared = created.args["properties"].expressions if created.args.get("properties") else []
    location = next((p.this.name for p in declared if isinstance(p, exp.LocationProperty)), None)
    if not location:
        raise QueryFailedError(
            "FAILED: SemanticException No location was specified for table. An S3 location must be specified",
            SYNTAX_ERROR,
        )
    serde, serde_properties = _serde(declared)
    comments = (p.this.name for p in declared if isinstance(p, exp.SchemaCommentProperty))
    database, _, name = table.name.lower().rpartition(".")  # SHOW CREATE TABLE quotes both as one name
    return ExternalTable(
        database=table.db.lower() or database or None,
        name=name,
        if_not_exists=bool(created.args.get("exists")),
        columns=_columns(created.this.expressions if isinstance(created.this, exp.Schema) else []),
        partitions=[
            column
            for p in declared
            if isinstance(p, exp.PartitionedByProperty)
            for column in _columns(p.this.expressions)
        ],
        location=location,
        properties={p.this.name: p.args["value"].name for p in declared if type(p) is exp.Property},
        storage=_storage(declared, serde),
        serde_properties=serde_properties,
        comment=next(comments, None),
    )


def columns_of(text: str) -> list[dict[str, str]]:
    """Columns in the catalog's notation, from a list in parentheses.

    Raises:
        QueryFailedError: It is not valid.
    """
    created = _parsed(f"CREATE EXTERNAL TABLE t {text} LOCATION 's3://-/'")
    return _columns(created.this.expressions)


def _parsed(sql: str) -> Any:
    try:
        return sqlglot.parse_one(sql, read="athena")
    except SqlglotError as error:
        raise QueryFailedError(f"FAILED: ParseException {error}", SYNTAX_ERROR) from error


def _columns(definitions: list[Any]) -> list[dict[str, str]]:
    columns = []
    for definition in definitions:
        if not isinstance(definition, exp.ColumnDef) or definition.args.get("kind") is None:
            raise QueryFailedError(
                f"FAILED: ParseException a type is missing at {definition.sql('hive')}", SYNTAX_ERROR
            )
        type_text = definition.args["kind"].sql("hive").lower().replace(" ", "")
        column = {"Name": definition.name.lower(), "Type": type_text}
        for constraint in definition.args.get("constraints") or []:
            if isinstance(constraint.kind, exp.CommentColumnConstraint):
                column["Comment"] = constraint.kind.this.name
        columns.append(column)
    return columns


def _storage(declared: list[Any], serde: str | None) -> tuple[str, str, str]:
    """Input format, output format and SerDe, from STORED AS."""
    given = next((p.this for p in declared if isinstance(p, exp.FileFormatProperty)), None)
    if isinstance(given, exp.InputOutputFormat):
        return given.args["input_format"].name, given.args["output_format"].name, serde or _LAZY_SERDE
    name = given.name.upper() if given is not None else "TEXTFILE"
    if name not in _FORMATS:
        known = ", ".join(sorted(_FORMATS))
        raise QueryFailedError(f"NOT_SUPPORTED: STORED AS {name}: only {known} are emulated", NOT_SUPPORTED)
    reader, writer, usual = _FORMATS[name]
    return reader, writer, serde or usual


def _serde(declared: list[Any]) -> tuple[str | None, dict[str, str]]:
    """SerDe class and its parameters, from ROW FORMAT SERDE or ROW FORMAT DELIMITED."""
    for row_format in declared:
        if isinstance(row_format, exp.RowFormatSerdeProperty):
            given = row_format.args.get("serde_properties")
            pairs = given.expressions if given is not None else []
            return row_format.this.name, {pair.this.name: pair.args["value"].name for pair in pairs}
        if isinstance(row_format, exp.RowFormatDelimitedProperty):
            names = {"fields": "field.delim", "escaped": "escape.delim", "lines": "line.delim"}
            names |= {"collection_items": "colelction.delim", "map_keys": "mapkey.delim"}
            found = {names[k]: v.name for k, v in row_format.args.items() if k in names and v is not None}
            if "field.delim" in found:
                found["serialization.format"] = found["field.delim"]
            return None, found
    return None, {}
