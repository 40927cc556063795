"""Kill points: at which call of which step a run is killed, and how the story goes on."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice, product, zip_longest

WRITES = ("PutObject", "DeleteObject", "DeleteObjects")
"""Operations of S3 before and after which a run may die: between two of them nothing that stays has changed."""

DELIVERIES = ("first_delivery", "second_delivery")
STEPS = tuple(product(("bronze", "silver", "gold"), ("candidate", "publish")))
"""In the order in which a run does them."""
UPKEEP = (("silver", "maintain"), ("gold", "maintain"))
"""What is done to the tables between two runs."""


@dataclass(frozen=True)
class KillPoint:
    """The `nth` call of an operation in a step is the run's last: it has its effect (`after`) or not (`before`)."""

    delivery: str
    layer: str
    task: str
    operation: str
    nth: int
    moment: str
    way_on: str = "retry"
    """`retry`: the same run goes on with the killed step; `new_run`: another run begins from the files."""
    s3_errors: bool = False
    """Whether 30 % of the calls to S3 fail, until the tables are compared."""
    until: str = "gold"
    """The last layer before the tables are compared."""

    def __str__(self) -> str:
        errors = "-s3_errors" if self.s3_errors else ""
        place = f"{self.delivery}-{self.layer}-{self.task}-{self.operation}-{self.nth}"
        return f"{place}-{self.moment}-{self.way_on}{errors}-until_{self.until}"


_WAYS = [*product(("retry", "new_run"), (False,) * 7 + (True,))]
"""(way on, whether S3 fails): an eighth with errors, which cost minutes."""
_WHOLE_WAY = 5
"""One point in so many goes on to gold; the others are compared when the killed layer is published."""

type Counts = Mapping[tuple[str, str, str], Mapping[str, int]]
"""(delivery, layer, task) → operation → how often a clean run calls it."""


def sample(counts: Counts, size: int, seed: int) -> list[KillPoint]:
    """So many points, spread evenly over the steps, the same for the same seed."""
    generator = random.Random(seed)
    per_step = [list(_points(*step, counts[step])) for step in counts]
    for points in per_step:
        generator.shuffle(points)
    generator.shuffle(per_step)
    in_turn = (point for point in chain.from_iterable(zip_longest(*per_step)) if point)
    ways = cycle(generator.sample(_WAYS, len(_WAYS)))
    return [
        replace(point, way_on=way_on, s3_errors=s3_errors, until=_until(point, number))
        for number, (point, (way_on, s3_errors)) in enumerate(zip(islice(in_turn, size), ways, strict=False))
    ]


def _until(point: KillPoint, number: int) -> str:
    to_the_end = point.task == "maintain" or number % _WHOLE_WAY == 0
    return "gold" if to_the_end else point.layer


def _points(delivery: str, layer: str, task: str, calls: Mapping[str, int]) -> Iterator[KillPoint]:
    for operation, count in calls.items():
        for nth, moment in product(range(1, count + 1), ("before", "after")):
            yield KillPoint(delivery, layer, task, operation, nth, moment)
