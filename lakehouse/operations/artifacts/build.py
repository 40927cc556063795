"""Build the artifacts of MWAA and Glue into one folder, named after the commit.

<version>/
manifest.json       every other file with its hash
dags/               MWAA's DAG folder
plugins.zip         orchestration/, include/sql/ and the wheel, at its root
requirements.txt
startup.sh
glue/               entry points of the jobs
expectations/       suites
lakehouse-*.whl     what the jobs import (--extra-py-files); the bytes that plugins.zip holds too
lakehouse-log-store.jar
"""

import hashlib
import shutil
from pathlib import Path

from lakehouse.operations.artifacts.archive import write_zip
from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.artifacts.manifest import Environment, Manifest, artifacts_in
from lakehouse.operations.artifacts.sources import Sources
from lakehouse.operations.deploy import LOG_STORE, DeployError, build_wheel

OUTPUT = Path("dist/mwaa")
_FILE_MODE = 0o644


def build(project: Path, output: Path, environment: Environment) -> Path:
    """Build everything that is deployed.

    Args:
        project: The checkout, set up: the log store's jar is compiled by setup.
        output: Where the build's folder goes; an earlier build of the same version is replaced.
        environment: The packed environment that the jobs shall have.

    Returns:
        The build's folder, `<output>/<version>`.

    Raises:
        ArtifactsError: The checkout is not one of git, or something to ship is missing.
    """
    sources = Sources(project)
    version = sources.version()
    log_store = project / LOG_STORE
    if not log_store.is_file():
        raise ArtifactsError(f"{log_store} is missing: run `make setup`")
    wheel = _build_wheel(project)
    partial = output / f".{version}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    _copy_tree(sources, "dags", partial / "dags", "*.py")
    _copy_tree(sources, "include/glue_scripts", partial / "glue", "*.py")
    _copy_tree(sources, "expectations", partial / "expectations", "*.json")
    for file in (project / "requirements.txt", project / "config" / "startup.sh", wheel, log_store):
        _copy(file, partial / file.name)
    write_zip(partial / "plugins.zip", _plugins(sources, wheel))
    Manifest(
        version=version,
        wheel=wheel.name,
        log_store=log_store.name,
        environment=environment,
        artifacts=tuple(artifacts_in(partial)),
    ).write(partial)
    target = output / version
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return target


def lock_digest(project: Path) -> str:
    """SHA-256 of the lock that the packed environment is made from."""
    return hashlib.sha256((project / "locks" / "glue-environment.txt").read_bytes()).hexdigest()


def _build_wheel(project: Path) -> Path:
    # Only what is built now may be shipped: the folder keeps wheels of earlier versions.
    fresh = project / "dist" / "release"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        build_wheel(project, fresh)
    except DeployError as error:
        raise ArtifactsError(str(error)) from error
    (wheel,) = fresh.glob("lakehouse-*.whl")
    return wheel


def _plugins(sources: Sources, wheel: Path) -> dict[str, bytes]:
    """What MWAA unpacks into its folder of plugins, by name: the zip's root is that folder."""
    code = {p.as_posix(): sources.root / "plugins" / p for p in sources.files("plugins", "*.py")}
    sql = {
        f"include/sql/{p.as_posix()}": sources.root / "include" / "sql" / p
        for p in sources.files("include/sql", "*.sql")
    }
    files = {**code, **sql, wheel.name: wheel}
    return {name: path.read_bytes() for name, path in files.items()}


def _copy_tree(sources: Sources, folder: str, target: Path, pattern: str) -> None:
    for relative in sources.files(folder, pattern):
        _copy(sources.root / folder / relative, target / relative)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise ArtifactsError(f"{source} is missing: nothing can be deployed without it")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    target.chmod(_FILE_MODE)
