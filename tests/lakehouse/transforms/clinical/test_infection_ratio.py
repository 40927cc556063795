"""The standardised infection ratio, where somebody supplies predicted events: observed / predicted, from one event on.

Two patients of tests/cases/clinical, each the only one of a hospital: one C. difficile event, one MRSA and one CLABSI.
https://www.cdc.gov/nhsn/pdfs/ps-analysis-resources/nhsn-sir-guide.pdf
"""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lakehouse.address import Address
from lakehouse.transforms.clinical import predicted
from tests.lakehouse.transforms.clinical.product import gold_of, silver_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = Path(__file__).parents[3] / "cases" / "clinical"
HEADER = "hospital_id,month,age_band,sex,event,predicted"


def supply(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Put this file in the place of the one that is shipped empty."""
    file = folder / "lakehouse" / "transforms" / "clinical" / "predicted_infections.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(predicted, "files", lambda package: folder / package)


def test_a_ratio_is_told_from_one_predicted_event_on(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply(
        tmp_path,
        monkeypatch,
        HEADER,
        "36-a,2024-07-01,65-74,male,cdi_labid,1.6",
        "36-a,2024-07-01,65-74,male,mrsa_bacteremia_labid,1",
        "39-a,2024-09-01,65-74,male,mrsa_bacteremia_labid,0.999999",
        "39-a,2024-10-01,65-74,male,clabsi_proxy,2",
    )
    cases = (CASES / name / "resources.ndjson" for name in ("36_cdi_on_day_4", "39_mrsa_with_a_central_line"))

    rows = gold_of(silver_of(spark, cases), Address("clinical", "gold", "infection")).collect()

    told = {(row["hospital_id"], row["event"]): (row["predicted"], row["sir"]) for row in rows}
    assert {key: figures for key, figures in told.items() if key[0] != "anchor"} == {
        ("36-a", "cdi_labid"): (Decimal("1.6"), Decimal("0.625")),
        ("36-a", "mrsa_bacteremia_labid"): (Decimal(1), Decimal(0)),
        ("39-a", "cdi_labid"): (None, None),
        ("39-a", "mrsa_bacteremia_labid"): (Decimal("0.999999"), None),
        ("39-a", "clabsi_proxy"): (None, None),  # another month is predicted
    }


def test_another_table_is_refused(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply(tmp_path, monkeypatch, "hospital,predicted", "36-a,1.6")

    with pytest.raises(
        ValueError, match="must have the columns hospital_id, month, age_band, sex, event, predicted"
    ):
        predicted.predicted_events(spark)
