"""Traps that show only when the DAGs are loaded: errors, time, memory, and calls to the world outside."""

from collections.abc import Iterator

from lakehouse.operations.mwaa.parse import ParseReport

SECONDS_MAX = 15.0
"""Of CPU, of one file; Airflow gives up after 30 by the clock, and a small environment of MWAA has one processor."""

MEMORY_MB_MAX = 300.0
"""Of all DAGs, above Airflow's own; a small environment has 2 GB for all of its parts."""


def import_errors(report: ParseReport) -> Iterator[str]:
    """Every file of the DAG folder loads, and there is one."""
    for file, trace in report.import_errors.items():
        yield f"{file} does not load: {trace.strip().splitlines()[-1]}"
    if not report.dags and not report.import_errors:
        yield "there is no DAG: dags/ is empty, or its files define none"


def calls(report: ParseReport) -> Iterator[str]:
    """Nothing is read from AWS, Airflow's database or a network, and no program is started."""
    for call in dict.fromkeys(report.calls):
        yield f"{call}, while a DAG is parsed: do it in a task, or take it from the environment"


def imported(report: ParseReport) -> Iterator[str]:
    """No heavy module comes in through another one."""
    for module in report.heavy:
        yield f"{module} is imported while DAGs are parsed: find by whom with `python -X importtime`"


def seconds(report: ParseReport, most: float = SECONDS_MAX) -> Iterator[str]:
    """No file takes long."""
    for file, taken in report.seconds.items():
        if taken > most:
            yield f"{file} takes {taken:.1f} s of CPU to parse, more than {most:g}: MWAA parses it every half minute"


def memory(report: ParseReport, most: float = MEMORY_MB_MAX) -> Iterator[str]:
    """The DAGs take little memory."""
    taken = report.memory_mb - report.memory_of_airflow_mb
    if taken > most:
        yield f"the DAGs take {taken:.0f} MB, more than {most:g}: look for imports and for data at their top"
