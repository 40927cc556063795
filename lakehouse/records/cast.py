"""Cast bronze text to the contract's types; a value that does not fit names its rule, never raises."""

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.contract import Column, Contract

RAW = "_raw"
RULES = "_rules"
FAULT = "_fault"
"""Column in which a transform names the rule that a row breaks before any value of it is looked at; may be absent."""

_TYPED = "_typed_"
_BLANKS = " \t\r\n"
_WHOLE_NUMBER = r"^[+-]?\d+(\.0*)?$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_DAY = r"^(?!0000)\d{4}-\d{1,2}-\d{1,2}([T ].*)?$"
_MINUTE_WITH_ZONE = r"^(\S+[T ]\d{1,2}:\d{2})(Z|[+-].*)$"
# Spark's try_cast takes more: `10:00` is today at ten, `2025` New Year's Day, and 1e-1000000000 ends the job.
_SHAPES = {"decimal": _NUMBER, "double": _NUMBER, "float": _NUMBER, "date": _DAY, "timestamp": _DAY}


def cast_columns(bronze: DataFrame, contract: Contract) -> DataFrame:
    """Typed columns of the contract; `_raw` keeps the text as JSON, `_rules` lists the rules a row breaks.

    Rules: what `_fault` names, `type:<column>` for text that does not parse, `required:<column>` for blank text.
    """
    kept = [F.col(name) for name in bronze.columns if name not in {*contract.column_names, FAULT}]
    # Values of their own step: to see which are missing, they would be made again.
    made = bronze.withColumns(
        {_TYPED + c.name: typed_value(F.col(c.name), c.physicalType) for c in contract.columns}
    )
    typed = [F.col(_TYPED + column.name).alias(column.name) for column in contract.columns]
    raw = F.to_json(F.struct(*contract.column_names)).alias(RAW)
    faults = [F.col(FAULT)] if FAULT in bronze.columns else []
    broken = F.array(*faults, *(_broken_rule(column) for column in contract.columns))
    return made.select(*typed, *kept, raw, F.array_compact(broken).alias(RULES))


def typed_value(text: SparkColumn, physical_type: str) -> SparkColumn:
    """`text` as a Spark SQL type; null where it is blank or does not parse. Times without a zone are UTC.

    Infinite numbers, and times that are not within the years 1 to 9999 in UTC, do not parse.
    """
    # Spark makes an expression anew wherever it is named: each is named as seldom as can be.
    value = _trimmed(text)
    if physical_type in {"int", "bigint"}:
        # Workbooks and pandas write whole numbers as 10000.0, which ANSI try_cast refuses.
        whole = F.when(value.rlike(_WHOLE_NUMBER), F.regexp_replace(value, r"\.0*$", ""))
        return whole.try_cast(physical_type)
    if physical_type == "string":
        return F.nullif(text, F.lit(""))
    shape = _SHAPES.get(physical_type.partition("(")[0])
    shaped = F.when(value.rlike(shape), value) if shape else value
    if physical_type == "timestamp":
        # Java leaves out seconds that are 0, and Spark wants them in front of a zone.
        made = F.regexp_replace(shaped, _MINUTE_WITH_ZONE, "$1:00$2").try_cast(physical_type)
        # A zone can lead out of the years that Python, Athena and ISO 8601 know, from the first of them or the last.
        inside = ~(value.startswith("0001") | value.startswith("9999"))
        return F.when(inside | F.year(made).between(1, 9999), made)
    made = shaped.try_cast(physical_type)
    if physical_type in {"double", "float"}:
        return F.when(F.abs(made) < F.lit(float("inf")), made)
    return made


def _broken_rule(column: Column) -> SparkColumn:
    text = F.col(column.name)
    blank = text.isNull() | (_trimmed(text) == "")
    required = F.lit(f"required:{column.name}" if column.required else None)
    if column.physicalType == "string":
        return F.when(blank, required)  # which keeps blanks as they are
    rule = F.when(blank, required).otherwise(f"type:{column.name}")
    return F.when(F.col(_TYPED + column.name).isNull(), rule)


def _trimmed(text: SparkColumn) -> SparkColumn:
    return F.btrim(text, F.lit(_BLANKS))
