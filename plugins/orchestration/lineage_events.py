"""What a run did, as OpenLineage events: of its DAG, of each table that it made, and of each table's gate.

https://openlineage.io/docs/spec/object-model. Tables, columns, counts and versions, never a value, a file's name or an
error's text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    documentation_job,
    error_message_run,
    job_type_job,
    parent_run,
)
from openlineage.client.uuid import generate_static_uuid

from lakehouse.contract import Contract
from orchestration.lineage_datasets import Place
from orchestration.plan import STEPS
from orchestration.run_record import LayerFacts, RunFacts

PRODUCER = "urn:lakehouse:record"


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
            inputs=self._place.inputs(contract, used),
            outputs=[self._place.output(contract, published)],
        )

    def gate(self, layer: LayerFacts, contract: Contract) -> Iterator[RunEvent]:
        """Of the checkpoint on a table's candidate; none where it judged nothing."""
        verdict = layer.verdicts.get(contract.name, {})
        judged = verdict.get("expectations") or []
        if not judged:
            return
        failure = "critical expectations do not hold" if verdict["outcome"] == "failed" else None
        job = self._spark_job(layer, f"gate_{contract.name}", f"Judges the candidate of {contract.address}.")
        yield from self._events(
            job,
            self._span(layer.candidate_runs),
            failure,
            self._parent(),
            inputs=[self._place.judged(contract, judged)],
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
