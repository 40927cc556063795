"""What a step was made from."""

from pathlib import Path

import pytest

from scripts.bootstrap import stamps


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "airflow.txt"
    path.write_text("airflow==3.2.1\n")
    return path


def test_a_step_is_current_until_what_it_was_made_from_changes(tmp_path: Path, lock: Path) -> None:
    stamp = tmp_path / "cache" / "made-from"
    assert not stamps.is_current(stamp, stamps.fingerprint(lock, "3.12"))
    stamps.write(stamp, stamps.fingerprint(lock, "3.12"))
    assert stamps.is_current(stamp, stamps.fingerprint(lock, "3.12"))
    assert not stamps.is_current(stamp, stamps.fingerprint(lock, "3.13"))
    lock.write_text("airflow==3.2.2\n")
    assert not stamps.is_current(stamp, stamps.fingerprint(lock, "3.12"))


def test_a_file_counts_by_its_content_wherever_it_is(tmp_path: Path, lock: Path) -> None:
    moved = tmp_path / "elsewhere.txt"
    moved.write_bytes(lock.read_bytes())
    assert stamps.fingerprint(moved) == stamps.fingerprint(lock)


def test_sources_do_not_run_into_one_another() -> None:
    assert stamps.fingerprint("ab", "c") != stamps.fingerprint("a", "bc")
    assert stamps.fingerprint("a", "b") != stamps.fingerprint("b", "a")
