"""Airflow's REST API: start a run of a DAG and follow it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential

from lakehouse.operations.mwaa_transport import SCHEME, MwaaTransport

DEFAULT_URL = "http://127.0.0.1:8080"
_LOG_LINES = 25
_PAGE = 100
ENDED = {"success", "failed"}


class AirflowError(RuntimeError):
    """Airflow cannot be reached, or refused a call."""


@dataclass(frozen=True)
class TaskState:
    """One task of a run; `started` and `seconds` are None until it has."""

    task_id: str
    state: str
    started: str | None
    seconds: float | None
    try_number: int


@dataclass(frozen=True)
class IntervalRun:
    """A run that the schedule or a backfill made for a data interval."""

    run_id: str
    logical_date: datetime
    state: str
    ended: datetime | None


class AirflowApi:
    """A client of one Airflow. URL: `LAKEHOUSE_AIRFLOW_URL`; token: `LAKEHOUSE_AIRFLOW_TOKEN`, else asked for.

    `mwaa://<environment>` is an environment of Amazon MWAA, which takes AWS credentials.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = (url or os.environ.get("LAKEHOUSE_AIRFLOW_URL") or DEFAULT_URL).rstrip("/")
        self._on_mwaa = MwaaTransport(self.url.removeprefix(SCHEME)) if self.url.startswith(SCHEME) else None
        base_url = "https://mwaa" if self._on_mwaa else self.url
        self._client = httpx.Client(base_url=base_url, timeout=60, transport=self._on_mwaa)

    def knows(self, dag_id: str) -> bool:
        """Whether the DAG processor has found the DAG: of a folder of files that takes it some seconds."""
        found = self._call("GET", "/api/v2/dags", params={"dag_id_pattern": dag_id})
        return any(dag["dag_id"] == dag_id for dag in found["dags"])

    def unpause(self, dag_id: str) -> None:
        """Let runs of the DAG start; raises AirflowError where Airflow has no such DAG."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def unfinished_runs(self, dag_id: str) -> list[str]:
        """Ids of runs that are queued or running."""
        found = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"state": ["queued", "running"]})
        return [run["dag_run_id"] for run in found["dag_runs"]]

    def is_due(self, dag_id: str) -> bool:
        """Whether the schedule has a run to start that the scheduler has not made yet, such as after `unpause`."""
        due = self._call("GET", f"/api/v2/dags/{dag_id}").get("next_dagrun_run_after")
        return due is not None and datetime.fromisoformat(due) <= datetime.now(UTC)

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a manual run; returns its id."""
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """The run's tasks."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found = self._call("GET", path, params={"limit": 1000})["task_instances"]
        return [
            TaskState(
                task_id=task["task_id"],
                state=task["state"] or "waiting",
                started=task["start_date"],
                seconds=_seconds(task["start_date"], task["end_date"]),
                try_number=task["try_number"],
            )
            for task in found
        ]

    def reason(self, dag_id: str, run_id: str, task: TaskState) -> list[str]:
        """Why a task failed, in lines: what it raised, else the end of its log."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        content = self._call("GET", path, params={"full_content": True})["content"]
        entries = [line if isinstance(line, dict) else {"event": line} for line in content]
        raised = [error["exc_value"] for entry in entries for error in entry.get("error_detail") or ()]
        return str(raised[-1]).splitlines() if raised else [str(e["event"]) for e in entries[-_LOG_LINES:]]

    def is_paused(self, dag_id: str) -> bool:
        return bool(self._call("GET", f"/api/v2/dags/{dag_id}")["is_paused"])

    def schedule(self, dag_id: str, first: datetime, last: datetime) -> list[datetime]:
        """Logical dates of the runs that a backfill from `first` to `last` would have, but for unfinished ones."""
        body = {**_backfill(dag_id, first, last), "reprocess_behavior": "completed"}
        found = self._call("POST", "/api/v2/backfills/dry_run", json=body)["backfills"]
        return [datetime.fromisoformat(run["logical_date"]) for run in found]

    def interval_runs(
        self, dag_id: str, first: datetime, last: datetime, **having: list[str]
    ) -> list[IntervalRun]:
        """Runs with a logical date from `first` to `last`, and with one of the values of `state` or `run_type`."""
        params = {"logical_date_gte": first.isoformat(), "logical_date_lte": last.isoformat(), **having}
        found: list[dict[str, Any]] = []
        while True:
            page = {**params, "limit": _PAGE, "offset": len(found), "order_by": "logical_date"}
            answer = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=page)
            found += answer["dag_runs"]
            if len(found) >= answer["total_entries"] or not answer["dag_runs"]:
                return [_interval_run(run) for run in found]

    def create_backfill(self, dag_id: str, first: datetime, last: datetime, *, confirm_cost: bool) -> int:
        """Have every run with a logical date from `first` to `last` made, or made again; returns the backfill's id.

        Airflow has one unfinished backfill of a DAG at a time, and refuses another.
        """
        body = {
            **_backfill(dag_id, first, last),
            "reprocess_behavior": "completed",
            "max_active_runs": 1,
            "dag_run_conf": {"confirm_cost": confirm_cost},
        }
        return int(self._call("POST", "/api/v2/backfills", json=body)["id"])

    def delete_failed_backfill_runs(self, dag_id: str, first: datetime, last: datetime) -> None:
        """Let the next backfill make them anew: Airflow would run them again with the conf that they had."""
        for run in self.interval_runs(dag_id, first, last, run_type=["backfill"], state=["failed"]):
            self._call("DELETE", f"/api/v2/dags/{dag_id}/dagRuns/{run.run_id}")

    def unfinished_backfill(self, dag_id: str) -> int | None:
        """The backfill of the DAG that has not ended; Airflow notices an end within half a minute."""
        newest = {"dag_id": dag_id, "order_by": "-id", "limit": 1}
        found = self._call("GET", "/api/v2/backfills", params=newest)["backfills"]
        return next((int(one["id"]) for one in found if one["completed_at"] is None), None)

    def backfills_url(self, dag_id: str) -> str:
        """The DAG's backfills in Airflow's UI."""
        return f"{self._web_server()}/dags/{dag_id}/backfills"

    def run_url(self, dag_id: str, run_id: str) -> str:
        """The run in Airflow's UI."""
        return f"{self._web_server()}/dags/{dag_id}/runs/{httpx.URL('', params={'r': run_id}).query.decode()[2:]}"

    def _web_server(self) -> str:
        return self._on_mwaa.web_server() if self._on_mwaa else self.url

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            if not self._on_mwaa and "Authorization" not in self._client.headers:
                self._client.headers["Authorization"] = f"Bearer {self._token()}"
            return self._request(method, path, **options)
        except httpx.HTTPStatusError as error:
            detail = error.response.text[:300]
            raise AirflowError(
                f"Airflow refused {method} {path}: {error.response.status_code} {detail}"
            ) from error
        except httpx.HTTPError as error:
            raise AirflowError(
                f"Airflow does not answer at {self.url} ({error}): start it, on a laptop with `lakehouse up`"
            ) from error

    # SQLite under load answers some calls with 500 "database is locked"; a call that changed nothing is repeated.
    @retry(
        retry=retry_if_exception(
            lambda e: (
                isinstance(e, httpx.HTTPStatusError)
                and e.response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
                and e.request.method != "POST"
            )
        ),
        wait=wait_exponential(multiplier=0.2, max=5),
        stop=stop_after_attempt(6),
        reraise=True,
    )
    def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._client.request(method, path, **options)
        response.raise_for_status()
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def _token(self) -> str:
        token = os.environ.get("LAKEHOUSE_AIRFLOW_TOKEN")
        if token:
            return token
        response = self._client.get("/auth/token")
        response.raise_for_status()
        return str(response.json()["access_token"])


def _backfill(dag_id: str, first: datetime, last: datetime) -> dict[str, Any]:
    return {"dag_id": dag_id, "from_date": first.isoformat(), "to_date": last.isoformat()}


def _interval_run(run: Mapping[str, Any]) -> IntervalRun:
    return IntervalRun(
        run_id=run["dag_run_id"],
        logical_date=datetime.fromisoformat(run["logical_date"]),
        state=run["state"],
        ended=datetime.fromisoformat(run["end_date"]) if run["end_date"] else None,
    )


def _seconds(started: str | None, ended: str | None) -> float | None:
    """Airflow's own `duration` is wrong, below zero even, for a task that was deferred."""
    if not started or not ended:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def wait_until_known(api: AirflowApi, dag_id: str, seconds: float) -> None:
    """Wait until Airflow knows the DAG, or the time is over."""
    deadline = time.monotonic() + seconds
    while not api.knows(dag_id) and time.monotonic() < deadline:
        time.sleep(1)


def wait_until_idle(api: AirflowApi, dag_id: str, seconds: float) -> list[str]:
    """Wait until no run of the DAG is unfinished or due; returns those that still are."""
    deadline = time.monotonic() + seconds
    while (unfinished := _unfinished_or_due(api, dag_id)) and time.monotonic() < deadline:
        time.sleep(1)
    return unfinished


def _unfinished_or_due(api: AirflowApi, dag_id: str) -> list[str]:
    due = api.is_due(dag_id)  # asked first: it becomes unfinished meanwhile
    return api.unfinished_runs(dag_id) or (["the one that the schedule owes"] if due else [])
