"""What BI sees of the clinical measures: no cell of 1 to 10, and none that subtraction would reveal.

The views' own SQL runs here on SQLite, by way of sqlglot, over made-up figures; the lake's Athena runs it as it is.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VIEWS = Path(__file__).parents[3] / "include" / "sql" / "clinical" / "registration" / "3_views.sql"
BANDS = ("18-44", "45-64", "65-74", "75-84", "85+")
OLDER = {"65-74", "75-84", "85+"}
SMALL = range(1, 11)
TABLES = {
    "mortality": "numerator, denominator, rate, rate_lower, rate_upper",
    "readmission": "numerator, denominator, rate, rate_lower, rate_upper",
    "infection": "event, numerator, denominator, rate, rate_lower, rate_upper",
    "average_length_of_stay": "patient_days, discharges, mean_days",
}


class Cell(NamedTuple):
    """A row of mortality, of one hospital and month; two sexes and five bands make ten at most."""

    age_band: str
    sex: str
    numerator: int
    denominator: int

    @property
    def figures(self) -> tuple[int, int, int]:
        return self.numerator, self.denominator, self.denominator - self.numerator


class Shown(NamedTuple):
    """What the views show of the cells: the hidden ones, the others, and the sums of 65 years and more."""

    hidden: list[Cell]
    visible: list[Cell]
    older: tuple[int, int] | None


def view(database: sqlite3.Connection) -> None:
    """Make gold's tables and the views."""
    for table, columns in TABLES.items():
        database.execute(f"CREATE TABLE clinical_gold_{table} (hospital_id, month, age_band, sex, {columns})")
    for statement in sqlglot.parse(VIEWS.read_text(encoding="utf-8"), read="athena"):
        assert statement is not None
        sql = statement.sql(dialect="sqlite", comments=False)
        sql = sql.replace("CREATE OR REPLACE VIEW", "CREATE VIEW").replace("clinical_gold.", "clinical_gold_")
        database.execute(sql.replace("LOGICAL_OR(", "MAX("))


def shown(cells: Iterable[Cell]) -> Shown:
    by_place = {(cell.age_band, cell.sex): cell for cell in cells}
    with closing(sqlite3.connect(":memory:")) as database:
        view(database)
        rows = [("h", "2025-01-01", *cell, 0.5, 0.4, 0.6) for cell in by_place.values()]
        database.executemany("INSERT INTO clinical_gold_mortality VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        found: defaultdict[bool, list[Cell]] = defaultdict(list)
        for band, sex, is_suppressed, *figures in database.execute(
            "SELECT age_band, sex, is_suppressed, numerator, denominator, rate, rate_lower, rate_upper "
            "FROM clinical_gold_measures_for_bi"
        ):
            cell = by_place.pop((band, sex))
            assert figures == ([None] * 5 if is_suppressed else [*cell[2:], 0.5, 0.4, 0.6])
            found[bool(is_suppressed)].append(cell)
        assert not by_place
        sums = database.execute(
            "SELECT numerator, denominator FROM clinical_gold_measures_65_and_older_for_bi WHERE NOT is_suppressed"
        ).fetchall()
    return Shown(found[True], found[False], sums[0] if sums else None)


def sums(cells: Iterable[Cell]) -> Iterator[int]:
    return (sum(column) for column in zip(*(cell.figures for cell in cells), strict=True))


def is_revealing(rest: list[Cell]) -> bool:
    """Whether the sum of these hidden cells, which subtraction yields, says too much."""
    return len(rest) == 1 or any(figure in SMALL for figure in sums(rest))


def cells() -> st.SearchStrategy[list[Cell]]:
    figures = st.one_of(st.integers(0, 14), st.integers(11, 200))
    cell = st.builds(
        lambda band, sex, numerator, others: Cell(band, sex, numerator, numerator + others),
        st.sampled_from(BANDS),
        st.sampled_from(("female", "male")),
        figures,
        figures,
    ).filter(lambda cell: cell.denominator > 0)
    return st.lists(cell, min_size=1, max_size=10, unique_by=lambda cell: (cell.age_band, cell.sex))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(cells())
def test_nothing_small_is_shown_or_follows(made: list[Cell]) -> None:
    found = shown(made)

    assert not [cell for cell in found.visible if any(figure in SMALL for figure in cell.figures)]
    # The sum of a month may be known from elsewhere, if it is no small cell itself.
    if found.hidden and not any(figure in SMALL for figure in sums(made)):
        assert not is_revealing(found.hidden) or len(made) == 1
    # Hiding has a cause.
    assert not found.hidden or any(figure in SMALL for cell in made for figure in cell.figures)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(cells())
def test_sums_of_the_older_reveal_no_cell(made: list[Cell]) -> None:
    found = shown(made)
    older = [cell for cell in made if cell.age_band in OLDER]
    if found.older is None:
        return

    assert found.older == tuple(sums(older))[:2]
    assert not any(figure in SMALL for figure in sums(older))
    for side in (True, False):
        hidden = [cell for cell in found.hidden if (cell.age_band in OLDER) is side]
        assert not hidden or not is_revealing(hidden)


@pytest.mark.parametrize(
    ("made", "hidden"),
    [
        pytest.param([(0, 50), (20, 50), (30, 90)], 0, id="zero and more than ten are shown"),
        pytest.param([(10, 50), (11, 50), (30, 90)], 2, id="ten is not, and takes the smallest other along"),
        pytest.param([(11, 50), (11, 51)], 0, id="eleven is"),
        pytest.param([(20, 25), (40, 80), (90, 200)], 2, id="nor five who do not count"),
        pytest.param([(0, 5), (30, 60), (0, 40)], 2, id="nor a denominator of five"),
        pytest.param([(1, 40), (1, 41), (0, 42), (30, 90)], 4, id="two of one each would be known from two"),
        pytest.param([(5, 30)], 1, id="alone"),
    ],
)
def test_how_many_rows_are_hidden(made: list[tuple[int, int]], hidden: int) -> None:
    rows = [Cell(BANDS[place], "female", *figures) for place, figures in enumerate(made)]

    assert len(shown(rows).hidden) == hidden


SQL = sorted(VIEWS.parents[1].glob("*/*.sql"))


@pytest.mark.parametrize("file", SQL, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_statement_is_athena_s(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("{{", "").replace("}}", "")

    assert [statement for statement in sqlglot.parse(text, read="athena") if statement is not None]
