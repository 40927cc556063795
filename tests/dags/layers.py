"""The tasks by which a domain's DAG makes its layers."""

from collections.abc import Iterable, Mapping


def layer_tasks(tables_of: Mapping[str, Iterable[str]]) -> set[str]:
    """Task ids of each step: its two Glue runs and a gate for each of its tables."""
    return {
        f"{step}.{task}"
        for step, tables in tables_of.items()
        for task in ("candidate", "publish", *(f"gate_{table}" for table in tables))
    }
