"""Files that are broken, misnamed or meant to do harm: each loads to the letter, or is refused for a reason."""

import pytest

from lakehouse.ingestion.tabular import UnreadableFileError
from tests.lakehouse.ingestion.hostile_case import Hostile
from tests.lakehouse.ingestion.hostile_cells import CELLS
from tests.lakehouse.ingestion.hostile_text import COMPRESSED, TEXT
from tests.lakehouse.ingestion.hostile_workbooks import WORKBOOKS
from tests.lakehouse.ingestion.reading import read

CASES: dict[str, Hostile] = {**TEXT, **COMPRESSED, **WORKBOOKS, **CELLS}
LOADED = {name: case for name, case in CASES.items() if not case.reason}
REFUSED = {name: case for name, case in CASES.items() if case.reason}


@pytest.mark.parametrize("name", LOADED)
def test_it_loads(name: str) -> None:
    case = LOADED[name]

    assert tuple(read(case.file, case.content())) == case.rows


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str) -> None:
    case = REFUSED[name]

    with pytest.raises(UnreadableFileError) as caught:
        read(case.file, case.content())

    assert str(caught.value) == case.reason
