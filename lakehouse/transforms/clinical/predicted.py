"""Predicted numbers of infections, for the standardised infection ratio (SIR) of NHSN: observed / predicted.

NHSN predicts by models of its own, which this package has not. Where its figures are known, they are rows of
`predicted_infections.csv`: hospital_id, month (its first day), age_band, sex, event, predicted. It ships empty.
https://www.cdc.gov/nhsn/pdfs/ps-analysis-resources/nhsn-sir-guide.pdf
"""

import csv
from importlib.resources import files

from pyspark.sql import DataFrame, SparkSession

MINIMUM = 1
"""Below so many predicted events NHSN calculates no SIR."""
_TYPES = {
    "hospital_id": "string",
    "month": "date",
    "age_band": "string",
    "sex": "string",
    "event": "string",
    "predicted": "decimal(18,6)",
}


def predicted_events(spark: SparkSession) -> DataFrame:
    """The table of predicted events; raises ValueError where the file has other columns."""
    file = files("lakehouse") / "transforms" / "clinical" / "predicted_infections.csv"
    reader = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    if reader.fieldnames != [*_TYPES]:
        raise ValueError(f"predicted_infections.csv must have the columns {', '.join(_TYPES)}")
    rows = [tuple(row[name] for name in _TYPES) for row in reader]
    plain = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in _TYPES))
    return plain.selectExpr(*(f"cast({name} as {kind}) as {name}" for name, kind in _TYPES.items()))
