"""All known traps of MWAA, checked on a build before anything is uploaded."""

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.mwaa import code, files, parsing, requirements
from lakehouse.operations.mwaa.layout import lay_out
from lakehouse.operations.mwaa.parse import ParseReport, parse


@dataclass(frozen=True)
class Check:
    """One trap: what must hold, and what does not."""

    what: str
    problems: tuple[str, ...]


def check_files(build: Path, pins: requirements.Pins) -> list[Check]:
    """What can be seen without loading a DAG.

    Args:
        build: A folder that `make dist` built.
        pins: Of Airflow's constraints.
    """
    found = {
        "the files are those of the manifest": files.manifest(build),
        "plugins.zip is rooted inside the folder of plugins": files.plugins_root(build),
        "the wheels install on MWAA": files.wheels(build),
        "the startup script is one": files.startup_script(build),
        "requirements.txt names the constraints": requirements.constraint_line(build, pins),
        "requirements.txt can be installed": requirements.packages(build),
        "the constraints allow every version asked for": requirements.conflicts(build, pins),
        "nothing heavy is imported at a module's top": code.top_level_imports(build),
    }
    return [Check(what, tuple(problems)) for what, problems in found.items()]


def load(build: Path) -> ParseReport:
    """Lay the build out as MWAA does and load its DAGs; raises ArtifactsError."""
    with tempfile.TemporaryDirectory(prefix="mwaa-") as folder:
        try:
            return parse(lay_out(build, Path(folder) / "airflow"))
        except (OSError, zipfile.BadZipFile) as error:
            raise ArtifactsError(f"{build} cannot be laid out: {error}; build with `make dist`") from error


def check_parsing(report: ParseReport) -> list[Check]:
    """What loading the DAGs showed."""
    found: dict[str, Iterator[str]] = {
        "every DAG loads": parsing.import_errors(report),
        "parsing asks nothing of the world outside": parsing.calls(report),
        "parsing imports nothing heavy": parsing.imported(report),
        "parsing takes little time": parsing.seconds(report),
        "parsing takes little memory": parsing.memory(report),
    }
    return [Check(what, tuple(problems)) for what, problems in found.items()]
