"""Have an environment of Amazon MWAA run a stored build.

https://docs.aws.amazon.com/mwaa/latest/API/API_UpdateEnvironment.html
"""

from typing import Any

import boto3
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from lakehouse.operations.artifacts.manifest import Manifest
from lakehouse.operations.deploy import DeployError
from lakehouse.operations.deployment.store import Store

_UNDER_WAY = {"CREATING", "CREATING_SNAPSHOT", "MAINTENANCE", "PENDING", "ROLLING_BACK", "UPDATING"}
_POLL_SECONDS = 20
_SECONDS_MAX = 60 * 60
"""AWS says that an update takes 10 to 30 minutes."""
_FILES = {
    "Plugins": "plugins.zip",
    "Requirements": "requirements.txt",
    "StartupScript": "startup.sh",
}


def switch_airflow(environment: str, region: str, store: Store, manifest: Manifest) -> None:
    """Update the environment and wait until it is available again.

    Raises:
        DeployError: MWAA ended in another state; it keeps what ran before.
    """
    mwaa: Any = boto3.client("mwaa", region_name=region)
    places = {"DagS3Path": f"{manifest.prefix}/dags"}
    for name, file in _FILES.items():
        key = f"{manifest.prefix}/{file}"
        places[f"{name}S3Path"] = key
        if version := store.object_version(key):
            places[f"{name}S3ObjectVersion"] = version
    mwaa.update_environment(Name=environment, **places)
    found = _settled(mwaa, environment)
    update = found.get("LastUpdate", {})
    # An update that fails is undone by MWAA, which then is available again.
    if (found["Status"], update.get("Status")) != ("AVAILABLE", "SUCCESS"):
        reason = update.get("Error", {}).get("ErrorMessage", "no reason given")
        raise DeployError(f"MWAA environment {environment} is {found['Status']}, its update failed: {reason}")


def _is_under_way(found: dict[str, Any]) -> bool:
    return found["Status"] in _UNDER_WAY or found.get("LastUpdate", {}).get("Status") == "PENDING"


def _settled(mwaa: Any, environment: str) -> dict[str, Any]:
    """The environment when no update is under way."""
    waiting = Retrying(
        retry=retry_if_result(_is_under_way),
        wait=wait_fixed(_POLL_SECONDS),
        stop=stop_after_delay(_SECONDS_MAX),
    )
    try:
        found: dict[str, Any] = waiting(lambda: mwaa.get_environment(Name=environment)["Environment"])
    except RetryError as error:
        raise DeployError(
            f"MWAA environment {environment} is not updated after {_SECONDS_MAX // 60} minutes; see its console"
        ) from error
    return found
