"""The jar that setup compiled, and what makes it stale."""

import zipfile
from pathlib import Path

import pytest

from scripts.bootstrap import log_store


def test_the_jar_holds_the_class_that_the_jobs_name() -> None:
    with zipfile.ZipFile(log_store.JAR) as jar:
        assert jar.namelist() == ["lakehouse/S3ConditionalPutLogStore.class"]
        assert jar.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_other_sources_make_the_jar_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert log_store.is_current()
    (tmp_path / "Other.java").write_text("class Other {}")
    monkeypatch.setattr(log_store, "SOURCES", tmp_path)
    assert not log_store.is_current()
