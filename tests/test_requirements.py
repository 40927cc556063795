"""What MWAA and Glue install agrees with the project and with its locks."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HEAVY = {"pandas", "pyspark", "great-expectations", "delta-spark", "numpy", "pyarrow"}


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text().splitlines()
    return [line for line in text if line and not line.startswith("#")]


def locked(name: str, package: str) -> str:
    (version,) = re.findall(
        rf"^{re.escape(package)}==(\S+)", (ROOT / "locks" / name).read_text(), re.MULTILINE
    )
    return str(version)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=! ]", requirement)[0].lower() for requirement in requirements}


def test_mwaa_is_held_to_the_constraints_of_its_own_airflow() -> None:
    (constraint,) = [line for line in lines("requirements.txt") if line.startswith("--constraint")]
    assert f"constraints-{locked('airflow.txt', 'apache-airflow')}/constraints-3.12.txt" in constraint


def test_mwaa_installs_this_projects_wheel() -> None:
    wheels = [line for line in lines("requirements.txt") if line.endswith(".whl")]
    assert wheels == [f"/usr/local/airflow/plugins/lakehouse-{PROJECT['version']}-py3-none-any.whl"]


def test_mwaa_installs_nothing_heavy() -> None:
    """A worker has 2 GB for 5 tasks."""
    assert not HEAVY & names(lines("requirements.txt"))
    assert not HEAVY & names(PROJECT["dependencies"])


def test_glue_gets_what_the_locks_hold() -> None:
    pyspark, direct = lines("requirements-glue.txt")
    assert pyspark == f"pyspark=={locked('glue.txt', 'pyspark')}"
    assert direct == "-r locks/glue-environment.in"
    # The packed environment and the one that tests run in must not drift apart.
    for package in ("delta-spark", "great-expectations", "pandas", "pyarrow", "boto3", "pydantic"):
        assert locked("glue-environment.txt", package) == locked("glue.txt", package), package


def test_the_packed_environment_does_not_carry_sparks_own_packages() -> None:
    text = (ROOT / "locks" / "glue-environment.txt").read_text()
    assert not re.search(r"^(pyspark|py4j)==", text, re.MULTILINE)
