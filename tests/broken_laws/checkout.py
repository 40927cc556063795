"""A copy of the checkout to break: the shared one is never touched."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.broken_laws.laws import BrokenLaw

ROOT = Path(__file__).parents[2]
SHARED = (".venv", ".venv-glue", ".cache")
OF_AIRFLOW = (
    "tests/lakehouse/cli/",
    "tests/lakehouse/operations/",
    "tests/orchestration/",
    "tests/dags/",
    "tests/test_",
)


def copy_checkout(target: Path) -> None:
    """What git knows or would add; environments and caches are linked, as they hold no code of the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for name in SHARED:
        (target / name).symlink_to(ROOT / name)


@contextmanager
def broken(checkout: Path, law: BrokenLaw) -> Iterator[None]:
    """The copy with the law's edits, until it is as it was. Raises ValueError where a text is not there once."""
    before = {edit.file: (checkout / edit.file).read_text() for edit in law.edits}
    try:
        for edit in law.edits:
            path = checkout / edit.file
            text = path.read_text()
            if text.count(edit.text) != 1:
                raise ValueError(
                    f"{edit.file} holds {edit.text!r} {text.count(edit.text)} times, not once: "
                    "bring tests/broken_laws/laws.py up to date"
                )
            path.write_text(text.replace(edit.text, edit.replacement))
        yield
    finally:
        for name, text in before.items():
            (checkout / name).write_text(text)


def run_tests(checkout: Path, tests: Sequence[str]) -> tuple[int, str]:
    """(pytest's exit status, the end of what it said); the tests are of one environment."""
    environment = environment_of(tests[0])
    command = [f"{environment}/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    # A file that is edited twice in a second can look unchanged to Python's cache of bytecode.
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=checkout, env=variables, capture_output=True, check=False, text=True)
    return done.returncode, done.stdout[-3000:]


def environment_of(test: str) -> str:
    return ".venv" if test.startswith(OF_AIRFLOW) else ".venv-glue"
