"""Random histories of deliveries: small ones, hundreds of them, which one lake takes in at once.

A whole number in a row is a key within its history. Written into a lake, it lies in the history's own range, so that no
history knows of another, and each can be compared with the oracle on that history alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.lakehouse.delivered import as_csv
from tests.oracle.ecommerce import COLUMNS, KEYS, Delivery
from tests.oracle.values import to_int64, to_timestamp

DATASETS = ("products", "orders", "order_items")
DELIVERIES = 3
FILES = 2
"""Files of a dataset in one delivery, at most."""
RANGE = 100

type Value = int | float | str
# Few values, so that keys, versions and whole rows meet again and again.
KEY = st.sampled_from((1, 2, 3, 1, 2, 2.0))
COLUMN: dict[str, st.SearchStrategy[Value]] = {
    "product_id": KEY,
    "order_id": KEY,
    "user_id": st.sampled_from((1, 2)),
    "id": st.sampled_from(("1", "2", "3", "3.0")),
    "department_id": st.sampled_from(("1", "1.0", "2")),
    "department": st.sampled_from(("Books", "Toys")),
    "product_name": st.sampled_from(("Atlas", "Ball")),
    "order_num": st.sampled_from(("1", "2", "")),
    "order_timestamp": st.sampled_from(
        ("2025-04-01T10:00:00", "2025-04-01 10:00Z", "2025-04-01T11:00", "2025-04-02", "2025-03-28T23:59:59")
    ),
    "total_amount": st.sampled_from(("5", "5.00", "7.01", "-1", "0.005")),
    "date": st.sampled_from(("2025-04-01", "2025-04-02", "2025-03-28")),
    "days_since_prior_order": st.sampled_from(("", "0", "7")),
    "add_to_cart_order": st.sampled_from(("1", "2")),
    "reordered": st.sampled_from(("0", "1", "")),
}
BAD = {
    **dict.fromkeys(COLUMN, ("", "x")),
    **dict.fromkeys(("department", "product_name"), ("",)),
    **dict.fromkeys(("order_num", "days_since_prior_order", "reordered"), ("x", "1.5")),
    "total_amount": ("", "n/a"),
    "date": ("", "2025-04-31"),
    "order_timestamp": ("", "10:00"),
    "add_to_cart_order": ("", "2147483648"),
}


@dataclass(frozen=True)
class Arrived:
    """A row, when it came and in which of the delivery's files."""

    dataset: str
    row: Mapping[str, Value]
    delivery: int
    file: int

    def text(self, number: int) -> dict[str, str]:
        """The row as history `number` delivers it."""
        return {name: _text(value, number) for name, value in self.row.items()}


@dataclass(frozen=True)
class History:
    """What one shop delivers, and another order of the same deliveries."""

    arrived: tuple[Arrived, ...]
    places: tuple[int, ...]
    """Where each delivery stands in the other order."""

    def deliveries(self, number: int) -> list[Delivery]:
        """As the oracle reads them."""
        return [
            Delivery([(one.dataset, [one.text(number)]) for one in self.arrived if one.delivery == delivery])
            for delivery in range(DELIVERIES)
        ]

    def in_another_order(self) -> "History":
        """The same record versions: only rows whose version is when they came stay in their place."""
        dated_by_arrival = {
            version
            for version, rivals in groupby(sorted(self.arrived, key=_stated_version), _stated_version)
            if len({tuple(one.row.items()) for one in rivals}) > 1
        }
        moved = [
            one
            if one.dataset == "products" or _stated_version(one) in dated_by_arrival
            else replace(one, delivery=self.places[one.delivery])
            for one in self.arrived
        ]
        return replace(self, arrived=tuple(moved))

    def __str__(self) -> str:
        by_arrival = sorted(self.arrived, key=lambda one: (one.delivery, one.dataset, one.file))
        return "\n".join(
            f"  delivery {one.delivery}, {one.dataset}_{one.file}: {', '.join(map(repr, one.row.values()))}"
            for one in by_arrival
        )


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Splits into files and deliveries, late rows, corrections, bad rows, lines before their parents, repeats."""
    arrived = draw(st.lists(_arrived(), min_size=8, max_size=24))
    repeats = draw(st.lists(st.tuples(st.sampled_from(arrived), DELIVERY, FILE), max_size=4))
    arrived += [replace(one, delivery=delivery, file=file) for one, delivery, file in repeats]
    return History(tuple(arrived), tuple(draw(st.permutations(range(DELIVERIES)))))


def several(count: int) -> list[History]:
    """The same histories each time."""
    made: list[History] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories())
    def keep(history: History) -> None:
        made.append(history)

    keep()
    return made


def file_of(histories: Sequence[History], dataset: str, delivery: int, file: int) -> tuple[bytes, list[int]]:
    """One file of what all histories deliver, and which history each of its rows is of."""
    rows = [
        (number, one.text(number))
        for number, history in enumerate(histories)
        for one in history.arrived
        if (one.dataset, one.delivery, one.file) == (dataset, delivery, file)
    ]
    columns = [name for name, *_ in COLUMNS[dataset]]
    return as_csv([row for _, row in rows], columns), [number for number, _ in rows]


def together(histories: Sequence[History]) -> list[Delivery]:
    """The deliveries of all histories, as the oracle reads them."""
    of_each = [history.deliveries(number) for number, history in enumerate(histories)]
    return [
        Delivery([file for delivery in same_time for file in delivery.files])
        for same_time in zip(*of_each, strict=True)
    ]


DELIVERY = st.integers(0, DELIVERIES - 1)
FILE = st.integers(0, FILES - 1)


@st.composite
def _arrived(draw: st.DrawFn) -> Arrived:
    dataset = draw(st.sampled_from(("products", "orders", "order_items", "order_items")))
    columns = [name for name, *_ in COLUMNS[dataset]]
    row = {name: draw(COLUMN[name]) for name in columns}
    if draw(st.integers(0, 5)) == 0:
        broken = draw(st.sampled_from(columns))
        row[broken] = draw(st.sampled_from(BAD[broken]))
    return Arrived(dataset, row, draw(DELIVERY), draw(FILE))


def _stated_version(one: Arrived) -> tuple[str, ...]:
    """What tells a row from others of its key, without when it came."""
    text = one.text(0)
    names = [*KEYS[one.dataset], *(("add_to_cart_order", "id") if one.dataset == "order_items" else ())]
    numbers = [str(to_int64(text[name])) for name in names]
    return (one.dataset, *numbers, str(to_timestamp(text.get("order_timestamp"))))


def _text(value: Value, number: int) -> str:
    return value if isinstance(value, str) else str(value + number * RANGE)
