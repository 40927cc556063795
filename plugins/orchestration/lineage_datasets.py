"""Tables and folders as OpenLineage's datasets: names by https://openlineage.io/docs/spec/naming, and their facets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    datasource_dataset,
    output_statistics_output_dataset,
    schema_dataset,
    symlinks_dataset,
)
from openlineage.client.naming.dataset import S3, AWSGlue

from lakehouse.address import Address, bucket_of
from lakehouse.contract import Contract, load, published_inputs

_SEVERITY = {"critical": "error", "warning": "warn", "info": "info"}


@dataclass(frozen=True)
class Place:
    """Where a run's tables lie, and what the namespace of its jobs is named after."""

    environment: str
    buckets: Mapping[str, str]
    region: str
    account_id: str

    @property
    def namespace(self) -> str:
        """Of jobs."""
        return f"lakehouse-{self.environment}"

    def inputs(self, contract: Contract, versions: Mapping[str, int]) -> list[InputDataset]:
        """The tables that the contract names, with known versions; of bronze the folders where it lands."""
        if contract.address.layer == "bronze":
            return [self._folder(key) for key in contract.landings.values()]
        return [
            InputDataset(
                *self._named(address), facets=self._facets(load(address), versions.get(str(address)))
            )
            for address in published_inputs(contract)
        ]

    def output(self, contract: Contract, published: Mapping[str, Any] | None) -> OutputDataset:
        """A table as `published.json` tells of it; None where it was not published."""
        if published is None:
            return OutputDataset(*self._named(contract.address), facets=self._facets(contract))
        rows = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(published.get("rows"))
        return OutputDataset(
            *self._named(contract.address),
            facets=self._facets(contract, published["version_after"]),
            outputFacets={"outputStatistics": rows},
        )

    def judged(self, contract: Contract, expectations: Iterable[Mapping[str, Any]]) -> InputDataset:
        """A table whose candidate a checkpoint has judged."""
        assertions = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            [_assertion(one) for one in expectations]
        )
        return InputDataset(
            *self._named(contract.address),
            facets=self._facets(contract),
            inputFacets={"dataQualityAssertions": assertions},
        )

    def _folder(self, key: str) -> InputDataset:
        namespace, name = _names(S3(bucket_of("raw", self.buckets), key))
        return InputDataset(namespace, name, facets={"dataSource": _source(namespace)})

    def _named(self, address: Address) -> tuple[str, str]:
        return _names(S3(bucket_of(address.layer, self.buckets), address.folder))

    def _facets(self, contract: Contract, version: int | None = None) -> dict[str, DatasetFacet]:
        address = contract.address
        glue = AWSGlue(self.region, self.account_id, address.database, address.table)
        fields = [
            schema_dataset.SchemaDatasetFacetFields(column.name, column.physicalType, column.description)
            for column in contract.columns
        ]
        facets: dict[str, DatasetFacet] = {
            "dataSource": _source(self._named(address)[0]),
            "schema": schema_dataset.SchemaDatasetFacet(fields),
            "symlinks": symlinks_dataset.SymlinksDatasetFacet(
                [symlinks_dataset.Identifier(*_names(glue), type="TABLE")]
            ),
        }
        if version is not None:
            facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(str(version))
        return facets


def _names(dataset: S3 | AWSGlue) -> tuple[str, str]:
    return dataset.get_namespace(), dataset.get_name()


def _source(namespace: str) -> datasource_dataset.DatasourceDatasetFacet:
    return datasource_dataset.DatasourceDatasetFacet(name=namespace, uri=namespace)


def _assertion(judged: Mapping[str, Any]) -> data_quality_assertions_dataset.Assertion:
    return data_quality_assertions_dataset.Assertion(
        assertion=judged["type"],
        success=judged["success"],
        column=judged["column"],
        severity=_SEVERITY[judged["severity"]],
    )
