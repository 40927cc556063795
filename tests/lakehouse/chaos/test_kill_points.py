"""A run that is killed anywhere, and goes on or is followed by another, ends in the tables of a clean load.

Each killed run is a Glue run in a JVM of its own. `make chaos` takes 200 points of ecommerce and 100 of market_data,
`make test-slow` a few, `make test` those of ecommerce; LAKEHOUSE_CHAOS_POINTS and LAKEHOUSE_CHAOS_SEED choose others.
With LAKEHOUSE_CHAOS_REPORT the points that the file has of the same seed and code are not tried again.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.retryhandler
import pytest

from lakehouse.storage.objects import retries
from tests.lakehouse.chaos.glue import Glue
from tests.lakehouse.chaos.points import DELIVERIES, STEPS, UPKEEP, KillPoint, sample
from tests.lakehouse.chaos.report import Report
from tests.lakehouse.chaos.world import World

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

POINTS = int(os.environ.get("LAKEHOUSE_CHAOS_POINTS", "4"))
SHARES = {"ecommerce": 1.0, "market_data": 0.5}
"""Domain → its kill points, of POINTS: those of more tables take longer."""
WORLDS = ("ecommerce", pytest.param("market_data", marks=pytest.mark.slow))
"""A clean load of market_data alone takes minutes."""
SEED = int(os.environ.get("LAKEHOUSE_CHAOS_SEED", "4"))
REPORT = os.environ.get("LAKEHOUSE_CHAOS_REPORT")
ERROR_RATE = 0.3
_TRIES = 10
ALIVE_TWICE = ("bronze", "silver", "gold") if REPORT else ("silver",)

pytestmark = [pytest.mark.timeout(4 * 3600)]


@pytest.fixture(scope="module", autouse=True)
def no_waiting() -> Iterator[None]:
    """Retries that wait for a loaded AWS to recover would be nearly all of the time here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.retryhandler, "delay_exponential", lambda *_, **__: 0.01)
        patch.setattr(retries, "delay_seconds", lambda _: 0.01)
        yield


@pytest.fixture(scope="module", params=WORLDS)
def world(
    request: pytest.FixtureRequest,
    spark: "SparkSession",
    s3: "S3Client",
    faults: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """A lake of one domain."""
    return World(spark, s3, faults, request.param, tmp_path_factory.mktemp("deliveries"))


@pytest.fixture(scope="module")
def glue(s3: "S3Client", tmp_path_factory: pytest.TempPathFactory) -> Glue:
    s3.create_bucket(Bucket="chaos-scripts")
    return Glue("chaos-scripts", tmp_path_factory.mktemp("wheel"))


def test_a_killed_run_loses_nothing(world: World, glue: Glue, faults: Any) -> None:
    domain = world.lake.domain
    points = sample(world.counts, round(POINTS * SHARES[domain]), SEED)
    report = Report(Path(REPORT).with_stem(f"{Path(REPORT).stem}-{domain}") if REPORT else None, SEED)
    for number, point in enumerate(points):
        if report.story_of(str(point)):
            continue
        story = kill_and_recover(world, glue, faults, point, seed=SEED + number)
        report.add(story)
        sys.stderr.write(
            f"{domain} {number + 1}/{len(points)} {point}: {story['ended']}, {story['differences'] or 'equal'}, "
            f"{story['seconds']} s\n"
        )

    stories = [found for point in points if (found := report.story_of(str(point)))]
    assert {one["point"]: one["differences"] for one in stories if one["differences"]} == {}
    killed = Counter(one["step"] for one in stories if one["killed"])
    sys.stderr.write(f"{domain}: killed, of {len(points)}, seed {SEED}: {dict(killed)}\n")
    assert killed.total() >= len(points) * 0.8, f"only {killed.total()} of {len(points)} runs were killed"


@pytest.mark.slow
@pytest.mark.parametrize("layer", ALIVE_TWICE)
def test_a_step_that_is_alive_twice_loses_nothing(world: World, glue: Glue, layer: str) -> None:
    """A task that is taken for dead and tried again: both Glue runs work at once, each in its JVM."""
    delivery = DELIVERIES[-1]
    world.set_back(delivery, layer, "candidate")
    for task in ("candidate", "publish"):
        twins = [glue.start(layer, task, world.run(delivery)) for _ in range(2)]
        states = [glue.wait(*twin)[0] for twin in twins]
        assert "SUCCEEDED" in states
        if "FAILED" in states:  # told of the other: Airflow tries it again
            until_it_succeeds(lambda task=task: world.do(layer, task, world.run(delivery)))  # type: ignore[misc]

    found, clean = world.content(), world.clean[delivery, layer]
    assert [address for address, rows in clean.items() if found[address] != rows] == []


def kill_and_recover(world: World, glue: Glue, faults: Any, point: KillPoint, seed: int) -> dict[str, Any]:
    """One story, from the state before the step to the comparison of all tables."""
    started = time.monotonic()
    world.set_back(point.delivery, point.layer, point.task)
    errors = {"service": "s3", "rate": ERROR_RATE, "fault": "slow_down"}
    kill = {"service": "s3", "operation": point.operation, "nth": point.nth, "fault": "kill_run"}
    faults.replace([{**kill, "moment": point.moment}, *([errors] if point.s3_errors else [])], seed=seed)
    ended, message = glue.wait(*glue.start(point.layer, point.task, world.run(point.delivery)))
    killed = any(firing["fault"] == "kill_run" for firing in faults.firings())
    faults.replace([errors] if point.s3_errors else [], seed=seed)
    for step in way_on(point, world):
        until_it_succeeds(step)
    faults.clear()
    found = world.content()
    clean = world.clean[point.delivery, point.until]
    return {
        "point": str(point),
        "step": f"{point.layer} {point.task}",
        "seed": seed,
        "killed": killed,
        "ended": f"{ended} {message[:60]}",
        "seconds": round(time.monotonic() - started),
        "differences": [address for address, rows in clean.items() if found[address] != rows],
    }


def way_on(point: KillPoint, world: World) -> Iterator[Callable[[], None]]:
    """The steps that follow the death."""
    end = STEPS.index((point.until, "publish")) + 1
    run = world.run(point.delivery if point.way_on == "retry" else "another")
    killed = (point.layer, point.task)
    if point.way_on == "new_run":
        steps = STEPS[:end]
    else:
        steps = (killed,) if killed in UPKEEP else STEPS[STEPS.index(killed) : end]
    for layer, task in steps:
        yield lambda layer=layer, task=task: world.do(layer, task, run)  # type: ignore[misc]


def until_it_succeeds(step: Callable[[], None]) -> None:
    """As Airflow's retries do."""
    for left in reversed(range(_TRIES)):
        try:
            step()
        except Exception:
            if not left:
                raise
        else:
            return
