"""Traps of requirements.txt: MWAA installs it with pip, under constraints, in at most nine minutes."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lakehouse.operations.mwaa.files import wheel_names
from lakehouse.operations.mwaa.layout import HOME_ON_MWAA

PYTHON = "3.12"
_HEAVY = {"delta-spark", "great-expectations", "pandas", "polars", "pyarrow", "pyspark"}
_CONSTRAINT = re.compile(r"^(?:-c|--constraint)[ =]+\"?(?P<where>[^\"\s]+)")
_OFFICIAL = re.compile(r"constraints-(?P<airflow>[\d.]+)/constraints-(?P<python>[\d.]+)\.txt$")
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)")

type Pins = Mapping[str, str]
"""Canonical name → the one version that the constraints allow."""


@dataclass(frozen=True)
class Requirements:
    """requirements.txt, taken apart.

    Attributes:
        constraint: Where the constraints are; None without such a line.
        is_first: Whether that line precedes every requirement.
        wheels: Paths of wheels.
        packages: The rest.
        unreadable: Lines that pip would refuse.
    """

    constraint: str | None
    is_first: bool
    wheels: tuple[str, ...]
    packages: tuple[Requirement, ...]
    unreadable: tuple[str, ...]


def read_requirements(build: Path) -> Requirements:
    """Take the build's requirements.txt apart; a file that is missing reads as an empty one."""
    path = build / "requirements.txt"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = [line.split(" #")[0].strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    constraints = [match for line in lines if (match := _CONSTRAINT.match(line))]
    wheels = [line for line in lines if line.endswith(".whl")]
    packages, unreadable = [], []
    for line in lines:
        if _CONSTRAINT.match(line) or line.endswith(".whl"):
            continue
        try:
            packages.append(Requirement(line))
        except InvalidRequirement:
            unreadable.append(line)
    return Requirements(
        constraint=constraints[0]["where"] if constraints else None,
        is_first=bool(lines) and bool(_CONSTRAINT.match(lines[0])),
        wheels=tuple(wheels),
        packages=tuple(packages),
        unreadable=tuple(unreadable),
    )


def read_pins(path: Path) -> dict[str, str]:
    """The pins of a constraints file, or of a lock that was made under one."""
    found = (_PIN.match(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(match["name"]): match["version"] for match in found if match}


def constraint_line(build: Path, pins: Pins) -> Iterator[str]:
    """The first line holds pip to the constraints of this Airflow; without, MWAA takes its own, unseen."""
    requirements = read_requirements(build)
    if requirements.constraint is None:
        yield "requirements.txt has no --constraint line: name the constraints of Airflow in its first line"
        return
    if not requirements.is_first:
        yield "requirements.txt: the --constraint line must be the first"
    official = _OFFICIAL.search(requirements.constraint)
    airflow = pins.get("apache-airflow")
    if official and official["python"] != PYTHON:
        yield f"requirements.txt: constraints of Python {official['python']}, MWAA has {PYTHON}"
    if official and airflow and official["airflow"] != airflow:
        yield f"requirements.txt: constraints of Airflow {official['airflow']}, but {airflow} is locked"


def packages(build: Path) -> Iterator[str]:
    """What is to be installed can be: lines that pip reads, wheels that are there, nothing that belongs to Glue."""
    requirements = read_requirements(build)
    for line in requirements.unreadable:
        yield f"requirements.txt: pip does not read {line!r}"
    shipped = set(wheel_names(build))
    for wheel in requirements.wheels:
        path = PurePosixPath(wheel)
        if str(path.parent) != f"{HOME_ON_MWAA}/plugins" or path.name not in shipped:
            yield (
                f"requirements.txt: {wheel} is not there when MWAA installs; plugins.zip has "
                f"{', '.join(sorted(shipped)) or 'no wheel'}, to be named {HOME_ON_MWAA}/plugins/<wheel>"
            )
    for requirement in requirements.packages:
        if canonicalize_name(requirement.name) in _HEAVY:
            yield f"requirements.txt: {requirement.name} belongs to Glue: a worker has 2 GB for 5 tasks"


def conflicts(build: Path, pins: Pins) -> Iterator[str]:
    """Every version asked for, by requirements.txt or by a wheel, is one that the constraints allow."""
    asked = [("requirements.txt", requirement) for requirement in read_requirements(build).packages]
    for name in wheel_names(build):
        try:
            asked += [(name, requirement) for requirement in _needs(build, name)]
        except (zipfile.BadZipFile, ValueError):
            yield f"{name} cannot be read: it is no wheel"
    for where, requirement in asked:
        pin = pins.get(canonicalize_name(requirement.name))
        if pin and not requirement.specifier.contains(pin, prereleases=True):
            yield f"{where} asks for {requirement}, the constraints allow {requirement.name} {pin} alone"


def _needs(build: Path, wheel: str) -> list[Requirement]:
    """What a wheel needs without extras; raises BadZipFile or ValueError where it is none."""
    with (
        zipfile.ZipFile(build / "plugins.zip") as plugins,
        plugins.open(wheel) as packed,
        zipfile.ZipFile(packed) as archive,
    ):
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        fields = message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or []
    needs = [Requirement(str(field)) for field in fields]
    return [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
