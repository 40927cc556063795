"""A domain's DAG, built from its contracts: raw to validated gold."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, BaseOperator, TaskGroup, TriggerRule, get_current_context, task
from airflow.sdk.bases.timetable import BaseTimetable

from lakehouse.address import Address
from lakehouse.contract import Contract, made_in, tables
from lakehouse.lifetime import longest_run
from lakehouse.settings import Settings
from orchestration.archive_operator import ArchiveOperator
from orchestration.arrival_sensor import ArrivalSensor
from orchestration.athena import AthenaCheckOperator, RegisterOperator
from orchestration.budget import require_budget
from orchestration.configuration import Configuration, configuration
from orchestration.deadline import deadline
from orchestration.decision import DecisionOperator
from orchestration.gate import GateOperator
from orchestration.layer_steps import CandidateOperator, PublishOperator
from orchestration.notification import notify_failure
from orchestration.parameters import trigger_form
from orchestration.plan import STEPS, resolve
from orchestration.record_operator import RecordOperator
from orchestration.sql_macros import MACROS
from orchestration.starting import clock, schedule


def build_domain_dag(
    domain: str, *, cron: str, start_date: datetime, doc_md: str | None, tags: list[str]
) -> DAG:
    """Build the DAG of a domain.

    Args:
        domain: Names the DAG, its contracts and its SQL under include/sql/.
        cron: When runs start by the clock (UTC); each covers the interval since the one before.
        start_date: First interval; earlier ones are for backfills that name them.
        doc_md: The runbook shown in the UI.
        tags: Shown in the UI.

    Raises:
        ContractError: A layer has no contracts, or one of them breaks the standard.
    """
    settings = configuration()
    contracts = tables(domain, "bronze")
    with DAG(
        dag_id=domain,
        schedule=_schedule(cron, contracts, settings),
        start_date=start_date,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=longest_run(domain),
        deadline=deadline(domain),
        params=trigger_form([contract.name for contract in contracts], settings),
        default_args=task_defaults(settings),
        template_searchpath=[str(_sql_folder())],
        user_defined_macros=MACROS,
        doc_md=doc_md,
        tags=tags,
    ) as dag:
        plan = _plan(domain)
        with TaskGroup("wait_for", tooltip="Files of each dataset under raw/"):
            sensors = [
                ArrivalSensor(task_id=name, contract=contract, landing=landing, settings=settings)
                for contract in contracts
                for name, landing in contract.landings.items()
            ]
        plan >> sensors
        upstream: list[BaseOperator] = [*sensors]
        candidates = []
        for layer in STEPS:
            candidate, publish = _layer(domain, layer, upstream, settings)
            candidates.append(candidate)
            upstream = [candidate, publish]
        checks = _athena(domain, upstream, settings)
        archive = ArchiveOperator(
            task_id="archive",
            candidate=candidates[0].task_id,
            trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        )
        record = RecordOperator(
            task_id="record", checks=[check.task_id for check in checks], settings=settings
        ).as_teardown()
        [candidates[0], *checks] >> archive
        # A check that fails ends `archive` while others still run.
        [archive, *checks] >> record
    return dag


def _schedule(cron: str, delivered: Sequence[Contract], settings: Configuration) -> BaseTimetable:
    starts_on_arrival = any(contract.rules.startsRun for contract in delivered)
    return schedule(cron, settings) if starts_on_arrival else clock(cron)


def task_defaults(settings: Configuration) -> dict[str, Any]:
    """What every task of the project's DAGs has in common."""
    return {
        "owner": "lakehouse",
        "retries": settings.task_retries,
        "retry_delay": settings.task_retry_delay,
        "execution_timeout": settings.task_timeout,
        "on_failure_callback": notify_failure,
        "aws_conn_id": None,
        "region_name": Settings().region,
    }


def _plan(domain: str) -> Any:
    @task(task_id="plan", doc_md="Resolves tables, dates and buckets of this run; every other task reads it.")
    def plan() -> dict[str, Any]:
        context, known = get_current_context(), Settings()
        require_budget(domain, context["params"], context["dag_run"], known)
        resolved = resolve(domain, context["params"], context["dag_run"], known)
        return resolved.model_dump(mode="json")

    return plan()


def _layer(
    domain: str, layer: str, upstream: list[BaseOperator], settings: Configuration
) -> tuple[CandidateOperator, PublishOperator]:
    is_first = layer == "bronze"
    with TaskGroup(STEPS[layer], tooltip=f"Candidates of {domain}.{layer}, judged and then published"):
        candidate = CandidateOperator(
            task_id="candidate",
            domain=domain,
            layer=layer,
            sensors=[sensor.task_id for sensor in upstream] if is_first else [],
            settings=settings,
            # Later layers run whenever the layer before ran, also when it had nothing new to publish.
            trigger_rule=TriggerRule.NONE_FAILED if is_first else TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        )
        gates = [
            GateOperator(
                task_id=f"gate_{contract.name}",
                layer=contract.address.layer,
                table=contract.name,
                candidate=candidate.task_id,
                asks=contract in _asking(domain, layer),
            )
            for contract in made_in(domain, layer)
        ]
        decisions = _decisions(domain, layer, candidate, gates)
        publish = PublishOperator(
            task_id="publish",
            domain=domain,
            layer=layer,
            candidate=candidate.task_id,
            decisions={decision.gate: decision.task_id for decision in decisions},
            settings=settings,
            pool=f"{domain}_{layer}",
            trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        )
        upstream >> candidate >> gates >> publish
        decisions >> publish
    return candidate, publish


def _decisions(
    domain: str, layer: str, candidate: BaseOperator, gates: list[GateOperator]
) -> list[DecisionOperator]:
    """A task behind the gate of each table whose contract asks."""
    decisions = []
    for contract in _asking(domain, layer):
        gate = next(gate for gate in gates if gate.table == contract.name)
        decision = DecisionOperator(
            task_id=f"decide_{contract.name}",
            contract=contract,
            candidate=candidate.task_id,
            gate=gate.task_id,
        )
        gate >> decision
        decisions.append(decision)
    return decisions


def _asking(domain: str, layer: str) -> list[Contract]:
    return [contract for contract in made_in(domain, layer) if contract.rules.onWarning == "ask"]


def _athena(domain: str, upstream: list[BaseOperator], settings: Configuration) -> list[BaseOperator]:
    gold = Address(domain, "gold", "any").database
    with TaskGroup("athena", tooltip="Databases, tables and views that Athena shows"):
        register = RegisterOperator(
            task_id="register",
            scripts=_scripts(domain, "registration"),
            candidate=upstream[0].task_id,
            settings=settings,
            trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        )
    with TaskGroup("validate", tooltip="Gold checked, and recomputed from silver, by Athena"):
        checks: list[BaseOperator] = [
            AthenaCheckOperator(
                task_id=f"{prefix}{Path(script).stem}", query=script, database=gold, settings=settings
            )
            for folder, prefix in (("validations", ""), ("reconciliation", "reconcile_"))
            for script in _scripts(domain, folder)
        ]
    upstream >> register >> checks
    return checks or [register]


def _sql_folder() -> Path:
    """include/sql beside the folder of plugins, or inside it where only that folder is shipped."""
    plugins = Path(__file__).parents[1]
    places = [plugins.parent / "include" / "sql", plugins / "include" / "sql"]
    return next((place for place in places if place.is_dir()), places[0])


def _scripts(domain: str, folder: str) -> list[str]:
    root = _sql_folder()
    return sorted(str(path.relative_to(root)) for path in (root / domain / folder).glob("*.sql"))
