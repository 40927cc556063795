"""Break each law and see its test fail; ends with 1 where one survives."""

# ruff: noqa: T201
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from tests.broken_laws.checkout import broken, copy_checkout, environment_of, run_tests
from tests.broken_laws.laws import BROKEN, BrokenLaw

PASSED, FAILED = 0, 1
"""Of pytest's exit statuses: any other means that the test was not run, which proves nothing."""


def main(word: str = "") -> int:
    chosen = [law for law in BROKEN if word in f"{law.law} {law.what} {law.test}"]
    if not chosen:
        print(f"no law holds {word!r}")
        return 1
    with tempfile.TemporaryDirectory(prefix="broken-laws-") as folder:
        checkout = Path(folder)
        copy_checkout(checkout)
        if not _all_pass(checkout, chosen):
            return 1
        survivors = [law for law in chosen if not _is_killed(checkout, law)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} broken laws were noticed")
    return 1 if survivors else 0


def _all_pass(checkout: Path, laws: list[BrokenLaw]) -> bool:
    """Whether the tests pass while no law is broken: one that fails anyway would notice nothing."""
    for _, tests in groupby(sorted({law.test for law in laws}, key=environment_of), environment_of):
        status, said = run_tests(checkout, list(tests))
        if status != PASSED:
            print(f"the tests must pass before a law is broken:\n{said}")
            return False
    return True


def _is_killed(checkout: Path, law: BrokenLaw) -> bool:
    with broken(checkout, law):
        status, said = run_tests(checkout, [law.test])
    outcome = {FAILED: "noticed", PASSED: "SURVIVED"}.get(status, f"NOT RUN (pytest ended with {status})")
    print(f"{outcome:9} {law.law}: {law.what} [{law.test}]", flush=True)
    if status not in {PASSED, FAILED}:
        print(said)
    return status == FAILED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
