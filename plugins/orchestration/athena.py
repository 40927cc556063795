"""Athena SQL as tasks: registration scripts and checks."""

from collections.abc import Sequence
from typing import Any, ClassVar

from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.common.sql.hooks.sql import DbApiHook
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from lakehouse.settings import Settings
from orchestration.configuration import Configuration
from orchestration.failure import VerdictError


class _AthenaTask(AthenaOperator):
    """Polls on the worker: statements here take seconds. Killing the task cancels the one that runs."""

    overwrite_rtif_after_execution = True

    def __init__(self, *, database: str, settings: Configuration, **kwargs: Any) -> None:
        super().__init__(
            database=database,
            workgroup=Settings().athena_work_group,
            output_location="{{ query_results() }}",
            sleep_time=settings.athena_waiter_delay,  # type: ignore[arg-type]
            deferrable=False,
            **kwargs,
        )


class RegisterOperator(_AthenaTask):
    """Runs every statement of SQL files, one after another: Athena takes one statement a call.

    Skipped when no candidate of the layer was published: catalog and views are then as they were.
    """

    template_fields: Sequence[str] = (*(f for f in AthenaOperator.template_fields if f != "query"), "scripts")
    template_fields_renderers: ClassVar[dict[str, str]] = {"scripts": "sql"}

    def __init__(self, *, scripts: Sequence[str], candidate: str, **kwargs: Any) -> None:
        # Databases are among what is created, so the session starts in the one that always exists.
        super().__init__(query="", database="default", **kwargs)
        self.scripts = list(scripts)
        self.candidate = candidate

    def execute(self, context: Context) -> None:
        if context["ti"].xcom_pull(task_ids=self.candidate)["outcome"] == "nothing_new":
            raise AirflowSkipException("gold had nothing new: nothing to register or to validate")
        for script in self.scripts:
            for statement in DbApiHook.split_sql_string(script, strip_semicolon=True):
                self.query = statement
                super().execute(context)


class AthenaCheckOperator(_AthenaTask):
    """Runs a query of one row whose every value is a check, named by its column.

    `true` passes; a column called `differences` passes with 0. Anything else fails the task for good.
    """

    def execute(self, context: Context) -> str:
        query_id = str(super().execute(context))
        result: Any = self.hook.get_query_results(query_id)
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in result["ResultSet"]["Rows"]]
        if len(rows) != 2:  # noqa: PLR2004 - a header and one row
            raise AirflowFailException(f"{self.task_id} must return one row of checks, not {len(rows) - 1}")
        checks = dict(zip(rows[0], rows[1], strict=True))
        for name, value in checks.items():
            self.log.info("%s %s", "passed" if _holds(name, value) else "FAILED", name)
        if failed := {name: value for name, value in checks.items() if not _holds(name, value)}:
            told = ", ".join(f"{name} is {value}" for name, value in failed.items())
            raise VerdictError(
                f"{self.task_id}: {told} (Athena query {query_id}). Gold is published. "
                "See the rows with this task's query, then start a run with these dates or a full refresh",
                summary=f"these checks do not hold: {', '.join(map(str, failed))}",
                runbook="check_failed",
            )
        return query_id


def _holds(name: str | None, value: str | None) -> bool:
    return value == ("0" if name == "differences" else "true")
