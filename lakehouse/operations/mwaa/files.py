"""Traps of the files that MWAA takes: plugins.zip, the wheels in it, the startup script."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.artifacts.manifest import read_manifest

_NEVER_SHIPPED = re.compile(r"(^|/)(__MACOSX|__pycache__|tests|\.git|\.DS_Store|\.env)(/|$)|\.pyc$")
_INTERPRETERS = {"py3", "py312", "cp312"}
_ABIS = {"none", "abi3", "cp312"}
_GLIBC = re.compile(r"manylinux_2_(\d+)_x86_64")
_GLIBC_OF_MWAA = 34
"""Minor version of the C library of Amazon Linux 2023."""

_RESERVED = {
    *(
        "AIRFLOW_ENV_ID",
        "AIRFLOW_ENV_NAME",
        "AIRFLOW_HOME",
        "AIRFLOW_VERSION",
        "AIRFLOW__WEBSERVER__BASE_URL",
    ),
    *("AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_REGION", "CUSTOMER_ACCOUNT_ID", "PYTHONPATH"),
    "PYTHONUNBUFFERED",
}
"""Variables that MWAA sets over whatever a startup script exports."""


def manifest(build: Path) -> Iterator[str]:
    """What the folder holds is what was built."""
    try:
        found = read_manifest(build)
    except ArtifactsError as error:
        yield str(error)
        return
    for problem in found.problems(build):
        yield f"{problem}: build again with `make dist`"
    if found.version.endswith("-dirty"):
        yield f"{found.version} was built from files that are not committed: commit, then build again"


def plugins_root(build: Path) -> Iterator[str]:
    """MWAA unpacks plugins.zip *into* its folder of plugins: a folder of that name in it is one too deep."""
    try:
        with zipfile.ZipFile(build / "plugins.zip") as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        yield f"plugins.zip cannot be read ({error}): build again with `make dist`"
        return
    roots = {name.split("/")[0] for name in names}
    if "plugins" in roots:
        yield "plugins.zip holds the folder plugins/: zip what is inside that folder, not the folder"
    for needed in ("orchestration/__init__.py", "include/sql"):
        if not any(name == needed or name.startswith(f"{needed}/") for name in names):
            yield f"plugins.zip has no {needed} at its root: the DAGs import or read it from there"
    for name in names:
        if _NEVER_SHIPPED.search(name):
            yield f"plugins.zip holds {name}: only code and SQL are shipped"


def wheels(build: Path) -> Iterator[str]:
    """Each wheel installs on MWAA's Python 3.12 on Amazon Linux 2023, x86-64."""
    for name in wheel_names(build):
        try:
            tags = parse_wheel_filename(name)[3]
        except InvalidWheelFilename as error:
            yield f"plugins.zip: {error}; pip takes no other name than the one that it was built under"
            continue
        if not any(_installs(tag) for tag in tags):
            yield (
                f"{name} does not install on MWAA: it needs py3-none-any, or cp312 and manylinux up to "
                f"2_{_GLIBC_OF_MWAA} on x86_64; download it with pip's --platform manylinux_2_28_x86_64"
            )


def wheel_names(build: Path) -> list[str]:
    """Names of the wheels at the root of plugins.zip; none where it cannot be read."""
    try:
        with zipfile.ZipFile(build / "plugins.zip") as archive:
            return [name for name in archive.namelist() if name.endswith(".whl") and "/" not in name]
    except (OSError, zipfile.BadZipFile):
        return []


def _installs(tag: Tag) -> bool:
    glibc = _GLIBC.fullmatch(tag.platform)
    is_linux = tag.platform in {"any", "linux_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"}
    fits = is_linux or bool(glibc and int(glibc.group(1)) <= _GLIBC_OF_MWAA)
    return fits and tag.interpreter in _INTERPRETERS and tag.abi in _ABIS


def startup_script(build: Path) -> Iterator[str]:
    """It is one for bash, and exports nothing that MWAA sets itself."""
    try:
        text = (build / "startup.sh").read_bytes().decode()
    except OSError as error:
        yield f"startup.sh cannot be read ({error.strerror}): without it the engine has no settings on MWAA"
        return
    if "\r" in text:
        yield "startup.sh has line ends of Windows, which bash reads as a part of words: store it with LF"
    for name in sorted(set(re.findall(r"^\s*export\s+\"?(\w+)", text, re.MULTILINE)) & _RESERVED):
        yield f"startup.sh exports {name}, which MWAA sets itself: drop the line"
