"""What a run did, as OpenLineage events: of its DAG, of each table that it made, and of each table's gate.

https://openlineage.io/docs/spec/object-model; names by https://openlineage.io/docs/spec/naming. Tables, columns, counts
and versions, never a value, a file's name or an error's text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    RunFacet,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    datasource_dataset,
    documentation_job,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
    schema_dataset,
    symlinks_dataset,
)
from openlineage.client.naming.dataset import S3, AWSGlue
from openlineage.client.uuid import generate_static_uuid

from lakehouse.address import Address, bucket_of
from lakehouse.contract import Contract, load, published_inputs
from orchestration.plan import STEPS
from orchestration.run_record import LayerFacts, RunFacts

PRODUCER = "urn:lakehouse:record"
_SEVERITY = {"critical": "error", "warning": "warn", "info": "info"}


@dataclass(frozen=True)
class Place:
    """Where the run's tables lie, and what the namespace of its jobs is named after."""

    environment: str
    buckets: Mapping[str, str]
    region: str
    account_id: str

    @property
    def namespace(self) -> str:
        return f"lakehouse-{self.environment}"


def run_events(
    run: RunFacts, place: Place, layers: Sequence[LayerFacts], *, has_succeeded: bool
) -> list[RunEvent]:
    """Two events, START and COMPLETE or FAIL, of the DAG, of each table that had something new, and of each gate."""
    teller = _Teller(run, place)
    tables = [
        event
        for layer in layers
        for contract in layer.contracts
        for event in (*teller.gate(layer, contract), *teller.table(layer, contract))
    ]
    return [*teller.dag(has_succeeded=has_succeeded), *tables]


class _Teller:
    def __init__(self, run: RunFacts, place: Place) -> None:
        self._run, self._place = run, place

    def dag(self, *, has_succeeded: bool) -> Iterator[RunEvent]:
        kind = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="AIRFLOW", jobType="DAG")
        job = self._job(self._run.domain, {"jobType": kind})
        span = self._run.started_at, self._run.recorded_at
        failure = None if has_succeeded else "the run did not succeed"
        yield from self._events(job, span, failure, {})

    def table(self, layer: LayerFacts, contract: Contract) -> Iterator[RunEvent]:
        """Of the making of a table; none where there was nothing new."""
        candidate = layer.candidates.get(contract.name, {})
        if candidate.get("outcome") == "nothing_new":
            return
        published = layer.published.get(contract.name)
        used = (published or {}).get("inputs") or candidate.get("inputs") or {}
        runs = [*layer.candidate_runs, *layer.publish_runs]
        yield from self._events(
            self._spark_job(layer, contract.name, contract.description.purpose),
            self._span(runs),
            None if published else _reason(layer, contract.name, runs),
            self._parent(),
            inputs=self._inputs(contract, used),
            outputs=[self._output(contract, published or {})],
        )

    def gate(self, layer: LayerFacts, contract: Contract) -> Iterator[RunEvent]:
        """Of the checkpoint on a table's candidate; none where it judged nothing."""
        verdict = layer.verdicts.get(contract.name, {})
        judged = verdict.get("expectations") or []
        if not judged:
            return
        facet = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            [_assertion(one) for one in judged]
        )
        table = S3(*self._where(contract.address))
        judged_table = InputDataset(
            table.get_namespace(),
            table.get_name(),
            facets=self._facets(contract),
            inputFacets={"dataQualityAssertions": facet},
        )
        failure = "critical expectations do not hold" if verdict["outcome"] == "failed" else None
        job = self._spark_job(layer, f"gate_{contract.name}", f"Judges the candidate of {contract.address}.")
        yield from self._events(
            job, self._span(layer.candidate_runs), failure, self._parent(), inputs=[judged_table]
        )

    def _events(
        self,
        job: Job,
        span: tuple[datetime, datetime],
        failure: str | None,
        facets: dict[str, RunFacet],
        inputs: list[InputDataset] | None = None,
        outputs: list[OutputDataset] | None = None,
    ) -> Iterator[RunEvent]:
        run_id = self._run_id(job.name)
        yield _event(RunState.START, span[0], Run(run_id, facets), job)
        if failure:
            facets = {**facets, "errorMessage": error_message_run.ErrorMessageRunFacet(failure, "PYTHON")}
        ended = RunState.FAIL if failure else RunState.COMPLETE
        yield _event(ended, span[1], Run(run_id, facets), job, inputs or [], outputs or [])

    def _run_id(self, job: str) -> str:
        """The same for a run that is cleared and recorded again: its events take the older ones' place."""
        identity = f"{self._place.namespace}.{job}.{self._run.run_id}"
        return str(generate_static_uuid(self._run.started_at, identity.encode()))

    def _parent(self) -> dict[str, RunFacet]:
        domain = self._run.domain
        run = parent_run.Run(self._run_id(domain))
        return {"parent": parent_run.ParentRunFacet(run, parent_run.Job(self._place.namespace, domain))}

    def _job(self, name: str, facets: dict[str, JobFacet]) -> Job:
        return Job(self._place.namespace, name, facets)

    def _spark_job(self, layer: LayerFacts, name: str, purpose: str) -> Job:
        return self._job(
            f"{self._run.domain}.{STEPS[layer.layer]}.{name}",
            {
                "jobType": job_type_job.JobTypeJobFacet(
                    processingType="BATCH", integration="SPARK", jobType="JOB"
                ),
                "documentation": documentation_job.DocumentationJobFacet(purpose),
            },
        )

    def _span(self, runs: Iterable[Mapping[str, Any]]) -> tuple[datetime, datetime]:
        """When the first of some Glue runs started and the last ended; where Glue does not say, of the whole run."""
        started = [run["StartedOn"] for run in runs if run.get("StartedOn")]
        ended = [run["CompletedOn"] for run in runs if run.get("CompletedOn")]
        return min(started, default=self._run.started_at), max(ended, default=self._run.recorded_at)

    def _inputs(self, contract: Contract, versions: Mapping[str, int]) -> list[InputDataset]:
        """The tables that the contract names; of bronze the folders of its deliveries."""
        if contract.address.layer == "bronze":
            bucket = bucket_of("raw", self._place.buckets)
            return [_folder(bucket, key) for key in contract.landings.values()]
        return [
            InputDataset(
                *self._named(address), facets=self._facets(load(address), versions.get(str(address)))
            )
            for address in published_inputs(contract)
        ]

    def _output(self, contract: Contract, published: Mapping[str, Any]) -> OutputDataset:
        statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            published.get("rows")
        )
        return OutputDataset(
            *self._named(contract.address),
            facets=self._facets(contract, published.get("version_after")),
            outputFacets={"outputStatistics": statistics} if published else {},
        )

    def _where(self, address: Address) -> tuple[str, str]:
        return bucket_of(address.layer, self._place.buckets), f"{address.layer}/{address.table}"

    def _named(self, address: Address) -> tuple[str, str]:
        table = S3(*self._where(address))
        return table.get_namespace(), table.get_name()

    def _facets(self, contract: Contract, version: int | None = None) -> dict[str, DatasetFacet]:
        address = contract.address
        glue = AWSGlue(self._place.region, self._place.account_id, address.database, address.table)
        fields = [
            schema_dataset.SchemaDatasetFacetFields(column.name, column.physicalType, column.description)
            for column in contract.columns
        ]
        facets: dict[str, DatasetFacet] = {
            "dataSource": _source(self._named(address)[0]),
            "schema": schema_dataset.SchemaDatasetFacet(fields),
            "symlinks": symlinks_dataset.SymlinksDatasetFacet(
                [symlinks_dataset.Identifier(glue.get_namespace(), glue.get_name(), "TABLE")]
            ),
        }
        if version is not None:
            facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(str(version))
        return facets


def _event(
    state: RunState,
    moment: datetime,
    run: Run,
    job: Job,
    inputs: Sequence[InputDataset] = (),
    outputs: Sequence[OutputDataset] = (),
) -> RunEvent:
    return RunEvent(
        eventTime=moment.isoformat(),
        producer=PRODUCER,
        run=run,
        job=job,
        eventType=state,
        inputs=[*inputs],
        outputs=[*outputs],
    )


def _reason(layer: LayerFacts, table: str, runs: Iterable[Mapping[str, Any]]) -> str:
    if layer.verdicts.get(table, {}).get("outcome") == "failed":
        return "not published: its gate closed"
    ended = [
        f"Glue run {run['Id']} ended {run['JobRunState']}"
        for run in runs
        if run["JobRunState"] != "SUCCEEDED"
    ]
    return f"not published: {ended[0] if ended else 'its layer was not'}"


def _assertion(judged: Mapping[str, Any]) -> data_quality_assertions_dataset.Assertion:
    return data_quality_assertions_dataset.Assertion(
        assertion=judged["type"],
        success=judged["success"],
        column=judged["column"],
        severity=_SEVERITY[judged["severity"]],
    )


def _folder(bucket: str, key: str) -> InputDataset:
    folder = S3(bucket, key)
    return InputDataset(
        folder.get_namespace(), folder.get_name(), facets={"dataSource": _source(folder.get_namespace())}
    )


def _source(namespace: str) -> datasource_dataset.DatasourceDatasetFacet:
    return datasource_dataset.DatasourceDatasetFacet(name=namespace, uri=namespace)
