"""Switch an environment from one build to another; it ends with all of the new one, or with the one before."""

import logging
from pathlib import Path

from lakehouse.operations.artifacts.manifest import Manifest, read_manifest
from lakehouse.operations.deploy import DeployError
from lakehouse.operations.deployment.mwaa import switch_airflow
from lakehouse.operations.deployment.store import History, Store
from lakehouse.operations.glue_jobs import ensure_jobs
from lakehouse.settings import Settings

log = logging.getLogger(__name__)


def point_to(settings: Settings, store: Store, manifest: Manifest) -> None:
    """Have the Glue jobs and, where there is one, MWAA run a stored build."""
    ensure_jobs(settings, store.artifacts(manifest))
    if settings.mwaa_environment:
        switch_airflow(settings.mwaa_environment, settings.region, store, manifest)


def deploy_build(settings: Settings, folder: Path, packed_environments: Path) -> str:
    """Upload a build and run it; returns its version.

    Args:
        settings: Of the environment.
        folder: What `make dist` built.
        packed_environments: Folder of the packed environments of Glue's jobs.

    Raises:
        ArtifactsError: The folder is no build.
        DeployError: The build may not be deployed; or the switch failed, and what ran before runs again.
    """
    manifest = read_manifest(folder)
    if manifest.version.endswith("-dirty"):
        raise DeployError(f"{folder} holds what no commit has: commit, then `make dist`")
    if problems := manifest.problems(folder):
        raise DeployError(f"{folder}: {'; '.join(problems)}: build again with `make dist`")
    store = Store(settings.resolved_bucket_name(), settings.region)
    history = store.history()
    store.add(folder, manifest, packed_environments / manifest.environment.name)
    return _switch(settings, store, manifest, history)


def roll_back(settings: Settings, to: str | None = None) -> str:
    """Run a build that is stored already, by default the one before the current; returns its version.

    Raises:
        DeployError: There is no such build; or the switch failed, and what ran before runs again.
    """
    store = Store(settings.resolved_bucket_name(), settings.region)
    history = store.history()
    version = to or history.previous
    if version is None:
        raise DeployError(
            f"s3://{store.bucket}/releases tells of no build before {history.current or 'the first'}"
        )
    return _switch(settings, store, store.manifest(version), history)


def _switch(settings: Settings, store: Store, manifest: Manifest, history: History) -> str:
    try:
        point_to(settings, store, manifest)
    except Exception as error:
        if history.current is None:
            raise DeployError(
                f"{manifest.version} does not run, and nothing was deployed before: {error}"
            ) from error
        log.warning("%s failed: %s; returning to %s", manifest.version, error, history.current)
        point_to(settings, store, store.manifest(history.current))
        raise DeployError(
            f"{manifest.version} does not run; {history.current} does again: {error}"
        ) from error
    store.record(manifest.version, history)
    return manifest.version
