"""``--additional-python-modules`` on a machine that may have no index of packages."""

from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from local_aws.glue.workspace import LaunchError

_REMEDY = (
    "Nothing is installed here: put it into --python-virtual-env, or give its wheel as s3://bucket/name.whl."
)


def check_installed(requirements: Iterable[str], folders: Iterable[Path]) -> None:
    """Check that a job finds the modules that AWS would install for it.

    Args:
        requirements: In pip's notation.
        folders: Where the job finds packages, the first one first.

    Raises:
        LaunchError: A module is missing, or has another version.
    """
    paths = [str(folder) for folder in folders]
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise LaunchError(f"LAUNCH ERROR | --additional-python-modules {text}: {error}") from error
        found = next(iter(Distribution.discover(name=wanted.name, path=paths)), None)
        if found is None:
            raise LaunchError(
                f"LAUNCH ERROR | --additional-python-modules {text} is not installed. {_REMEDY}"
            )
        if not wanted.specifier.contains(found.version, prereleases=True):
            raise LaunchError(
                f"LAUNCH ERROR | --additional-python-modules {text}: {found.version} is installed. {_REMEDY}"
            )
