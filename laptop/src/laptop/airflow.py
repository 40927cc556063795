"""Airflow as parts of the stack: API server, scheduler, DAG processor, triggerer, on SQLite or a given database."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import httpx

from laptop.failure import StackError
from laptop.layout import METRICS_LOG_GROUP, Layout

PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")

_MONITORED = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}


def command(part: str) -> list[str]:
    """How a part is started."""
    return [str(Path(sys.executable).parent / "airflow"), part]


def environment(layout: Layout) -> dict[str, str]:
    """Configuration that every part of Airflow shares.

    What differs from MWAA is only here: the database, the executor's size, who may log in, how often to poll.
    A user's own settings of the project's section (``AIRFLOW__LAKEHOUSE__…``) win.
    """
    home = layout.state_dir / "airflow"
    variables = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AIRFLOW__API__BASE_URL": layout.airflow_url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(layout.airflow_port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_FOLDER": str(layout.root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{layout.airflow_url}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(layout.root / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": layout.database_url or f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        # With the defaults a task waits over a second for its turn, and four in parallel run one by one;
        # looking ten times a second instead takes a quarter of a core.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__TRIGGERER__CAPACITY": "50",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LAKEHOUSE__ATHENA_WAITER_DELAY": "0.2",
        "AIRFLOW__LAKEHOUSE__GLUE_SYNC_SECONDS": "60",
        "AIRFLOW__LAKEHOUSE__GLUE_WAITER_DELAY": "1",
        "AIRFLOW__LAKEHOUSE__SENSOR_POKE_INTERVAL": "1",
        "AIRFLOW__LAKEHOUSE__ARRIVALS_POLL_INTERVAL": "1",
        "AIRFLOW__LAKEHOUSE__TASK_RETRY_DELAY": "5",
        # The run that the schedule starts looks once: files come by hand here, and a waiting run blocks the next.
        "AIRFLOW__LAKEHOUSE__WAIT_MINUTES": "0",
        "AIRFLOW__LAKEHOUSE__SNS_TOPIC_ARN": layout.topic_arn,
        "AIRFLOW__LAKEHOUSE__METRICS_LOG_GROUP": METRICS_LOG_GROUP,
        "MALLOC_ARENA_MAX": "2",
        # macOS: a fork after its network library was used would die.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    if layout.arrivals:
        variables["LAKEHOUSE_ARRIVALS_QUEUE"] = layout.queue_url
    own = {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW__LAKEHOUSE__")}
    return variables | own | layout.client_environment() | _secrets(home)


def _secrets(home: Path) -> dict[str, str]:
    """Keys that all parts must share, made once per stack."""
    path = home / "secrets.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        names = ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in names}))
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def migrate(layout: Layout) -> None:
    """Create or upgrade Airflow's database, once per version of Airflow.

    Raises:
        StackError: Airflow refused.
    """
    home = layout.state_dir / "airflow"
    done = home / "migrated-by"
    version = _version()
    if done.exists() and done.read_text() == version and (home / "airflow.db").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    log = layout.log_dir / "airflow-db.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        result = subprocess.run(
            [*command("db"), "migrate"],
            check=False,
            env={**os.environ, **environment(layout)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if result.returncode:
        raise StackError(f"Airflow's database cannot be set up; see {log}. `rm -r {home}` starts afresh")
    done.write_text(version)


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return version("apache-airflow")


def health(layout: Layout) -> dict[str, str]:
    """State of each part, ``ready`` or what Airflow says of it; empty if the API does not answer."""
    try:
        answer = httpx.get(f"{layout.airflow_url}/api/v2/monitor/health", timeout=5).json()
        states = {part: str(answer[key]["status"]) for part, key in _MONITORED.items()}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return {}
    return {"api-server": "ready"} | {
        part: "ready" if state == "healthy" else state for part, state in states.items()
    }


def ensure_pools(layout: Layout, pools: dict[str, int]) -> None:
    """Create pools, deferred tasks taking slots as well, and bring their sizes up to date.

    Raises:
        StackError: Airflow refused.
    """
    with httpx.Client(base_url=layout.airflow_url, timeout=30) as client:
        token = client.get("/auth/token").raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        entities = [{"name": name, "slots": slots, "include_deferred": True} for name, slots in pools.items()]
        action = {"action": "create", "entities": entities, "action_on_existence": "overwrite"}
        response = client.patch("/api/v2/pools", json={"actions": [action]})
        if response.is_error or response.json().get("create", {}).get("errors"):
            raise StackError(f"Airflow refused the pools {', '.join(pools)}: {response.text[:300]}")
