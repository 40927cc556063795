"""The artifacts of this checkout, laid out and loaded as MWAA does."""

from pathlib import Path

import pytest

from lakehouse.operations.mwaa.layout import Layout, lay_out
from lakehouse.operations.mwaa.parse import ParseReport, parse

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def layout(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return lay_out(shipped, tmp_path_factory.mktemp("mwaa") / "airflow")


@pytest.fixture(scope="module")
def report(layout: Layout) -> ParseReport:
    return parse(layout)


def test_every_dag_loads(report: ParseReport) -> None:
    assert report.import_errors == {}
    assert report.dags == sorted(path.stem for path in (ROOT / "dags").glob("*.py"))


def test_what_loads_is_what_was_built(report: ParseReport, layout: Layout) -> None:
    assert Path(report.engine) == layout.site / "lakehouse"


def test_loading_stays_light_and_quiet(report: ParseReport) -> None:
    assert report.heavy == []
    assert report.calls == []


def test_time_and_memory_are_measured(report: ParseReport) -> None:
    assert report.seconds.keys() == {path.name for path in (ROOT / "dags").glob("*.py")}
    assert all(seconds > 0 for seconds in report.seconds.values())
    assert report.memory_mb >= report.memory_of_airflow_mb > 0


def test_athenas_sql_lies_where_the_dags_look_for_it(layout: Layout) -> None:
    expected = {path.relative_to(ROOT) for path in (ROOT / "include" / "sql").rglob("*.sql")}
    assert {path.relative_to(layout.plugins) for path in layout.plugins.rglob("*.sql")} == expected
