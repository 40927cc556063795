"""The fuzz run, short: `make fuzz` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from lakehouse.ingestion.tabular import UnreadableFileError
from lakehouse.ingestion.workbook import named_failures
from tests.lakehouse.ingestion.raw_workbooks import raw_workbook

ROOT = Path(__file__).parents[3]
EXAMPLES = 800


def fuzz(*options: str) -> subprocess.CompletedProcess[str]:
    """A run in a process of its own, which may die of what it reads."""
    command = [sys.executable, "-m", "tests.lakehouse.ingestion.fuzz", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_whatever_is_read_ends_with_a_verdict_within_memory() -> None:
    done = fuzz("--cases", "--count", str(EXAMPLES))

    *examples, told = done.stdout.splitlines()
    assert done.returncode == 0, f"{told}\n{done.stderr[-2000:]}"
    verdicts = json.loads(told)
    assert verdicts["loaded"] + verdicts["refused"] == EXAMPLES
    assert min(verdicts.values()) > EXAMPLES // 20, "hardly any mutation gets far"
    assert len(set(examples)) > EXAMPLES


def test_an_example_can_be_replayed() -> None:
    whole, tail = fuzz("--count", "40"), fuzz("--first", "30", "--count", "10")

    assert whole.stdout.splitlines()[30:40] == tail.stdout.splitlines()[:10]


def test_too_much_memory_is_noticed() -> None:
    """Were a limit too high, the run would end as this one does."""
    done = fuzz("--cases", "--memory", str(300 << 20))

    assert done.returncode != 0
    assert "MemoryError" in done.stderr or done.returncode < 0


def test_a_panic_of_the_library_is_a_verdict(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    # Beyond any row of Excel; the readers refuse it before the library sees it.
    book.write_bytes(raw_workbook('<row r="4294967295"><c><v>1</v></c></row><row><c><v>1</v></c></row>'))
    sheet = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("s")

    with pytest.raises(UnreadableFileError, match=r"\(PanicException\)"), named_failures("s"):
        sheet.to_python(skip_empty_area=False)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, GeneratorExit])
def test_what_is_no_fault_of_the_file_is_none(error: type[BaseException]) -> None:
    with pytest.raises(error), named_failures("s"):
        raise error
