"""A person who approves what the DAGs `recovery` and `replay` ask, as the button in Airflow does."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.end_to_end.stack import Stack

_SECONDS = 600
_ANSWER_SECONDS = 60
"""Of an API server on a busy machine."""


def restore(stack: Stack, domain: str, to: str) -> None:
    """`lakehouse restore --apply`, approved."""
    _approved(stack, "recovery", "restore", domain, "--to", to, "--apply")


def switch(stack: Stack, domain: str, source: str) -> None:
    """`lakehouse replay --switch`, approved."""
    _approved(stack, "replay", "replay", domain, "--source", source, "--switch")


def _approved(stack: Stack, dag_id: str, *command: str) -> None:
    with ThreadPoolExecutor() as pool:
        done = pool.submit(stack.must, *command)
        _approve(stack, dag_id)
        done.result()


def _approve(stack: Stack, dag_id: str) -> None:
    """Answer the first question that waits."""
    airflow = f"http://127.0.0.1:{stack.environment['LAKEHOUSE_LAPTOP_AIRFLOW_PORT']}"
    token = httpx.get(f"{airflow}/auth/token", timeout=_ANSWER_SECONDS).json()["access_token"]
    runs = f"{airflow}/api/v2/dags/{dag_id}/dagRuns"
    deadline = time.monotonic() + _SECONDS
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=_ANSWER_SECONDS) as client:
        while time.monotonic() < deadline:
            for run in client.get(runs).json().get("dag_runs", []):
                question = f"{runs}/{run['dag_run_id']}/taskInstances/approve/-1/hitlDetails"
                answer = client.patch(question, json={"chosen_options": ["Approve"], "params_input": {}})
                if answer.status_code == httpx.codes.OK:
                    return
            time.sleep(1)
    raise AssertionError("nobody was asked")
