"""Parse the DAGs of a layout in a process of their own, as MWAA's DAG processor would."""

import os
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.mwaa.layout import Layout

_PROBE = Path(__file__).with_name("probe.py")
_SECONDS_MAX = 600
_OF_THE_MACHINE = ("PATH", "HOME", "LANG", "TMPDIR")


class ParseReport(BaseModel):
    """What loading the DAG folder did.

    Attributes:
        dags: Ids of the DAGs.
        import_errors: File → traceback.
        seconds: File → seconds of CPU; the first one's include imports that all share.
        memory_mb: Most memory of the process.
        memory_of_airflow_mb: The same before the first DAG.
        heavy: Modules of Glue or of a laptop that were imported.
        calls: What was asked of the world outside, and where.
        engine: Folder that `lakehouse` was imported from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dags: list[str]
    import_errors: dict[str, str]
    seconds: dict[str, float]
    memory_mb: float
    memory_of_airflow_mb: float
    heavy: list[str]
    calls: list[str]
    engine: str


def parse(layout: Layout, python: Path | None = None) -> ParseReport:
    """Load every DAG.

    Args:
        layout: Artifacts as MWAA lays them out.
        python: An interpreter with Airflow and the requirements, whose own `lakehouse` is then used; None is this
            one, with the layout's.

    Raises:
        ArtifactsError: There is no Airflow, or it ended before it could tell.
    """
    report = layout.home / "parsed.json"
    own_path = {} if python else {"PYTHONPATH": str(layout.site)}
    done = subprocess.run(
        [str(python or sys.executable), "-P", str(_PROBE), str(report)],
        check=False,
        cwd=layout.home,
        env={**_environment(layout), **own_path},
        capture_output=True,
        text=True,
        timeout=_SECONDS_MAX,
    )
    if done.returncode or not report.is_file():
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise ArtifactsError(f"the DAGs cannot be loaded with {python or sys.executable}: {reason}")
    return ParseReport.model_validate_json(report.read_text())


def _environment(layout: Layout) -> dict[str, str]:
    """Nothing of the caller's settings or credentials: a DAG that needs one to be parsed is a finding."""
    inherited = {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}
    return {
        **inherited,
        "AIRFLOW_HOME": str(layout.home),
        # What takes too long is to be measured, not ended.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": str(_SECONDS_MAX),
        "AIRFLOW__CORE__DAGS_FOLDER": str(layout.dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(layout.plugins),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{layout.home}/airflow.db",
        "AIRFLOW__LAKEHOUSE__ARRIVALS_QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/lakehouse-arrivals",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MALLOC_ARENA_MAX": "2",
    }
