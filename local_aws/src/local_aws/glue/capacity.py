"""How much of Glue a job takes, and which sizes it may have.

https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html
"""

from typing import Any

from moto.glue.exceptions import GlueClientError

PYTHON_SHELL = "pythonshell"
COMMANDS = ("glueetl", "gluestreaming", PYTHON_SHELL, "glueray")
DPU_OF_WORKER = {
    "Standard": 1.0,
    "G.025X": 0.25,
    **{
        f"{kind}.{size}X": float(size)
        for kind, sizes in {"G": (1, 2, 4, 8, 12, 16), "R": (1, 2, 4, 8)}.items()
        for size in sizes
    },
    "Z.2X": 2.0,
}
PYTHON_SHELL_DPU = (0.0625, 1.0)
DEFAULT_DPU = 10.0
WORKERS_MIN = 2
TIMEOUT_MINUTES_MAX = 10_080
RETRIES_MAX = 10


class InvalidInputError(GlueClientError):  # type: ignore[misc]
    """An argument that Glue refuses."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidInputException", message)


def capacity(command: str | None, sizes: dict[str, Any]) -> float:
    """DPUs of a job or run."""
    if sizes.get("worker_type") and sizes.get("number_of_workers"):
        return DPU_OF_WORKER.get(sizes["worker_type"], 1.0) * int(sizes["number_of_workers"])
    given = sizes.get("max_capacity") or sizes.get("allocated_capacity")
    return float(given or (PYTHON_SHELL_DPU[0] if command == PYTHON_SHELL else DEFAULT_DPU))


def check_job(command: dict[str, Any] | None, definition: dict[str, Any]) -> None:
    """Refuse a job as Glue does.

    Raises:
        InvalidInputError: Its command is unknown, its sizes do not fit each other, or a number is out of bounds.
    """
    name = (command or {}).get("Name")
    if name not in COMMANDS:
        raise InvalidInputError(
            f"Command name {name} is not supported: it must be one of {', '.join(COMMANDS)}"
        )
    retries = definition.get("max_retries")
    if retries is not None and not 0 <= retries <= RETRIES_MAX:
        raise InvalidInputError(f"MaxRetries must be between 0 and {RETRIES_MAX}, not {retries}")
    check_sizes(name, definition)


def check_sizes(command: str | None, sizes: dict[str, Any]) -> None:
    """Refuse sizes as Glue does.

    Raises:
        InvalidInputError: They do not fit each other, or a number is out of bounds.
    """
    worker, number, dpu = (sizes.get(key) for key in ("worker_type", "number_of_workers", "max_capacity"))
    if dpu and (worker or number):
        raise InvalidInputError("Please do not set Max Capacity if using Worker Type and Number of Workers.")
    if bool(worker) != bool(number):
        raise InvalidInputError("Please set both Worker Type and Number of Workers.")
    if worker and worker not in DPU_OF_WORKER:
        raise InvalidInputError(
            f"Worker Type {worker} is not supported: it must be one of {', '.join(DPU_OF_WORKER)}"
        )
    if worker and number and number < WORKERS_MIN:
        raise InvalidInputError(
            f"To use Worker Type {worker}, minimum allowed value of Number of Workers is {WORKERS_MIN}."
        )
    if command == PYTHON_SHELL and dpu and dpu not in PYTHON_SHELL_DPU:
        raise InvalidInputError(f"Max Capacity of a Python shell job must be 0.0625 or 1.0, not {dpu}")
    timeout = sizes.get("timeout")
    if timeout and timeout > TIMEOUT_MINUTES_MAX:
        raise InvalidInputError(f"Timeout must be at most {TIMEOUT_MINUTES_MAX} minutes, not {timeout}")
