"""Silver at one version, as measures look at it: whole, or as far as some patients are concerned."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.transforms.clinical.silver import inpatient_episode
from lakehouse.transforms.clinical.stays import stays
from lakehouse.transforms.held import held


@dataclass(frozen=True)
class SilverVersion:
    """Tables by name, as many as are read; everything that is measured is made of the stays in `encounter`."""

    tables: Mapping[str, DataFrame]
    is_held: bool = False
    """Whether stays and episodes are computed once and held: those of few patients."""

    def __getitem__(self, table: str) -> DataFrame:
        return self.tables[table]

    @cached_property
    def stays(self) -> DataFrame:
        return self._perhaps_held(stays(self["encounter"], self["organization"], self["patient"]))

    @cached_property
    def episodes(self) -> DataFrame:
        made = inpatient_episode.transform(
            encounter=self["encounter"],
            condition=self["condition"],
            organization=self["organization"],
            patient=self["patient"],
        )
        return self._perhaps_held(made)

    def of_patients(self, patients: DataFrame, *, is_held: bool = False) -> "SilverVersion":
        """The same with the encounters of these patients (patient_id) only."""
        encounters = self["encounter"].join(patients, "patient_id", "left_semi")
        return SilverVersion({**self.tables, "encounter": encounters}, is_held)

    def last_patients(self) -> DataFrame:
        """Patients by whom the end of data is known: of them alone it is that of all."""
        newest = self.stays.agg(F.max("admission_date").alias("_newest"))
        is_last = "admission_date >= _newest OR discharge_date >= _newest"
        return self.stays.crossJoin(newest).where(is_last).select("patient_id")

    def _perhaps_held(self, made: DataFrame) -> DataFrame:
        return held(made) if self.is_held else made
