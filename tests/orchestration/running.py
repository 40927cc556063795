"""What Airflow gives a running task, as far as the orchestration uses it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from airflow.sdk import Context

from orchestration.plan import Plan

RUN_ID = "manual__2025-04-02T06:00:00+00:00"


def a_plan(**fields: Any) -> Plan:
    """The plan of a run over the whole of e-commerce, in the bucket `lake`."""
    whole = {
        "domain": "ecommerce",
        "run_id": "run-1",
        "buckets": {"*": "lake"},
        "tables": {
            "bronze": ["products", "orders", "order_items"],
            "silver": ["products", "orders", "order_items"],
            "gold": ["daily_sales", "product_performance"],
        },
    }
    return Plan.model_validate(whole | fields)


@dataclass
class TaskInstance:
    """A task instance with XComs in memory: task id → key → value."""

    task_id: str = "a_task"
    try_number: int = 1
    max_tries: int = 2
    xcoms: dict[str, dict[str, Any]] = field(default_factory=dict)
    dag_id: str = "ecommerce"
    run_id: str = RUN_ID
    map_index: int = -1
    log_url: str = "http://airflow.example/log"
    id: UUID = field(default_factory=uuid4)

    def xcom_pull(self, task_ids: str | list[str], key: str = "return_value") -> Any:
        if isinstance(task_ids, str):
            return self.xcoms.get(task_ids, {}).get(key)
        return [value for one in task_ids if (value := self.xcom_pull(one, key)) is not None]

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms.setdefault(self.task_id, {})[key] = value


def a_context(plan: Plan | None = None, /, **returned: Any) -> Context:
    """The context of a task; `returned` names what tasks returned, `__` standing for the dot of a group."""
    results = {"plan": (plan or a_plan()).model_dump(mode="json")}
    results |= {name.replace("__", "."): value for name, value in returned.items()}
    ti = TaskInstance(xcoms={name: {"return_value": value} for name, value in results.items()})
    run = SimpleNamespace(start_date=datetime(2025, 4, 2, 6, tzinfo=UTC), run_id=RUN_ID)
    return cast("Context", {"ti": ti, "task_instance": ti, "dag_run": run, "params": {}})
