"""docker-compose.yaml, as it is written: what Docker would be asked for. What it does: `make compose-test`."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from laptop import airflow, aws
from laptop.layout import Layout

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
RUN_ONCE = {"lakehouse", "migrate", "pools", "provision"}
PARTS = {aws.NAME, *(f"airflow-{part}" for part in airflow.PARTS)}
HOT = ("dags", "plugins", "include", "expectations", "lakehouse")

each_service = pytest.mark.parametrize("name", SERVICES)


def mounts(name: str) -> dict[str, str]:
    """Place in the container → what is mounted there, with its options."""
    found = (mount.split(":", 1) for mount in SERVICES[name].get("volumes", ()))
    return {target.split(":")[0]: f"{source}:{target}" for source, target in found}


def test_the_stack_is_that_of_the_laptop_with_a_database_of_its_own() -> None:
    others = {"gateway", "postgres", "exchange", "recorder"}
    assert SERVICES.keys() == PARTS | RUN_ONCE | others


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_part_is_started_by_the_laptops_own_code(name: str) -> None:
    assert SERVICES[name]["command"] == ["python", "-m", "laptop.containers", "part", name]


@each_service
def test_nobody_is_root_or_may_become_it(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] in {"10001:10001", "postgres"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


@each_service
def test_what_each_may_take_is_limited(name: str) -> None:
    assert SERVICES[name]["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}


@each_service
def test_what_runs_on_is_watched_and_started_again_and_what_ends_is_not(name: str) -> None:
    service = SERVICES[name]
    if name in RUN_ONCE:
        assert service["restart"] == "no"
        assert "healthcheck" not in service
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
        assert {"interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys()


@each_service
def test_what_is_waited_for_can_come(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in RUN_ONCE else "service_healthy"
        assert how == {"condition": expected}, other
        profiles = SERVICES[other].get("profiles")
        assert profiles is None or profiles == SERVICES[name].get("profiles")


def test_airflow_starts_after_its_database_and_what_tasks_need() -> None:
    for part in airflow.PARTS:
        # Nothing is scheduled before there are pools; and a service that nobody waits for must not end under `--wait`.
        pools = {"pools"} if part == "scheduler" else set()
        assert SERVICES[f"airflow-{part}"]["depends_on"].keys() == {"migrate", "provision", *pools}
    assert SERVICES["migrate"]["depends_on"].keys() == {"postgres"}
    assert SERVICES["provision"]["depends_on"].keys() == {"aws"}


@each_service
def test_images_have_a_fixed_tag(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    if image.startswith("lakehouse-"):
        assert tag == "development"
        builder = [s for s in SERVICES.values() if s["image"] == SERVICES[name]["image"] and "build" in s]
        assert len(builder) == 1
        assert f"AS {builder[0]['build']['target']}\n" in DOCKERFILE
    else:
        assert re.match(r"\d+\.\d+", tag), SERVICES[name]["image"]


def test_base_images_have_a_fixed_tag() -> None:
    bases = re.findall(r"^ARG PYTHON_OF_\w+=(.*)$", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", base) for base in bases)
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    for source in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
        assert source in stages or source in {"${PYTHON_OF_AIRFLOW}", "${PYTHON_OF_GLUE}"}


def test_an_images_last_word_is_its_user() -> None:
    for target in ("airflow", "aws"):
        stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
        assert stage.strip().splitlines()[-1] == "USER lakehouse"


def test_images_get_no_secret_and_nothing_that_is_not_named() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert not any(".env" in line or "sample" in line for line in ignored)
    assert not re.search(r"^(ENV|ARG) .*(PASSWORD|SECRET|TOKEN|KEY)", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes" in (ROOT / "scripts" / "bootstrap" / "environments.py").read_text()


@pytest.mark.parametrize("name", [*(f"airflow-{part}" for part in airflow.PARTS), "provision", "lakehouse"])
def test_code_is_mounted_so_that_a_change_is_seen_at_once(name: str) -> None:
    for folder in HOT:
        assert mounts(name)[f"/opt/lakehouse/{folder}"] == f"./{folder}:/opt/lakehouse/{folder}:ro"
        assert (ROOT / folder).is_dir()


@pytest.mark.parametrize(
    ("name", "volume", "place"),
    [
        ("aws", "aws", "/var/lib/lakehouse/aws"),
        ("postgres", "postgres", "/var/lib/postgresql/data"),
        ("recorder", "recorder", "/var/lib/lakehouse/recorder"),
        *((f"airflow-{part}", "airflow", "/var/lib/lakehouse/airflow") for part in airflow.PARTS),
        ("migrate", "airflow", "/var/lib/lakehouse/airflow"),
    ],
)
def test_what_must_survive_is_in_a_named_volume(name: str, volume: str, place: str) -> None:
    assert mounts(name)[place] == f"{volume}:{place}"
    assert volume in COMPOSE["volumes"]


@each_service
def test_nothing_but_code_is_shared_with_this_machine(name: str) -> None:
    for mount in mounts(name).values():
        assert not mount.startswith((".", "/")) or mount.endswith(":ro"), mount


def test_this_machine_alone_gets_in_and_all_are_on_one_loopback() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["gateway"]["ports"])
    others = SERVICES.keys() - {"gateway"}
    assert {SERVICES[name]["network_mode"] for name in others} == {"service:gateway"}


def test_the_settings_are_the_laptops() -> None:
    fields = Layout.model_fields.items()
    variables = {str(field.validation_alias or f"LAKEHOUSE_LAPTOP_{name.upper()}") for name, field in fields}
    assert SERVICES["aws"]["environment"].keys() <= variables


def test_every_setting_is_in_the_example_with_its_default() -> None:
    text = (ROOT / "docker-compose.yaml").read_text()
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    assert len(re.findall(r"\$\{", text)) == len(re.findall(r"\$\{\w+:-[^}]*\}", text))
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert example == used


def test_market_data_is_recorded_only_when_asked_for() -> None:
    assert {name for name, s in SERVICES.items() if s.get("profiles") == ["market_data"]} == {
        "exchange",
        "recorder",
    }


def test_the_recorder_has_the_time_to_stop_that_its_manual_asks_for() -> None:
    manual = (ROOT / "docs" / "market_data.md").read_text()
    (asked,) = re.findall(r"Give a container (\d+) s \(`stop_grace_period`\)", manual)
    assert SERVICES["recorder"]["stop_grace_period"] == f"{asked}s"


def test_the_images_that_can_be_stood_in_for_are_those_that_are_used() -> None:
    script = (ROOT / "docker" / "stand_in.sh").read_text()
    for variable in re.findall(r"^ARG (PYTHON_OF_\w+)=", DOCKERFILE, re.MULTILINE):
        assert f"tag_of {variable})" in script
    assert [s["image"] for s in SERVICES.values() if not s["image"].startswith("lakehouse-")] == [
        "postgres:15.18-bookworm"
    ]
