from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.storage.objects.paths import SegmentName, segment_path, shelf_path, stage_folder


def test_the_path_of_a_segment() -> None:
    name = SegmentName.at(datetime(2026, 4, 7, 14, 59, 59, tzinfo=UTC), 3)

    assert segment_path("ready", "coinbase", name) == "raw/ready/coinbase/segment_20260407T14_00003.ndjson"
    assert str(name.following()) == "segment_20260407T14_00004.ndjson"


def test_the_hour_is_that_of_utc() -> None:
    moment = datetime(2026, 4, 7, 1, tzinfo=timezone(timedelta(hours=2)))
    assert SegmentName.at(moment, 1).hour == "20260406T23"
    with pytest.raises(ValueError, match="time zone"):
        SegmentName.at(datetime(2026, 4, 7), 1)  # noqa: DTZ001


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 99_999),
)
def test_names_are_read_back_and_sort_like_what_they_name(moment: datetime, number: int) -> None:
    name = SegmentName.at(moment, number)
    assert SegmentName.parse(str(name)) == name
    later = SegmentName.at(moment + timedelta(hours=1), 1)
    assert str(name) < str(later)
    assert name < later


@pytest.mark.parametrize(
    "text",
    [
        "segment_20260407T14_00003.ndjson.gz",
        "segment_20260407T14_3.ndjson",
        "segment_20260407T14_00000.ndjson",
        "segment_20260407T24_00001.ndjson",
        "segment_20261307T14_00001.ndjson",
        "segment_20260407T14_00001.ndjson\n",
        "a/segment_20260407T14_00001.ndjson",
        "segment_٢٠٢٦٠٤٠٧T14_00001.ndjson",
    ],
)
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"segment|hour|number"):
        SegmentName.parse(text)


@pytest.mark.parametrize(
    ("hour", "number"), [("20260407T1", 1), ("20260407T14", 0), ("20260407T14", 100_000)]
)
def test_wrong_parts_are_refused(hour: str, number: int) -> None:
    with pytest.raises(ValueError, match=r"hour|number"):
        SegmentName(hour, number)


@pytest.mark.parametrize("source", ["", "Coinbase", "a/b", "..", "a b"])
def test_wrong_sources_are_refused(source: str) -> None:
    with pytest.raises(ValueError, match="must be lower-case"):
        stage_folder("ready", source)


def test_wrong_stages_are_refused() -> None:
    with pytest.raises(ValueError, match="active, ready, processing"):
        stage_folder("done", "coinbase")  # type: ignore[arg-type]


def test_a_segment_that_is_put_away_is_named_by_its_content() -> None:
    name, digest = SegmentName("20260407T14", 3), "0123456789abcdef" * 4
    path = shelf_path("archive", "coinbase_messages", digest, name)
    assert path == "raw/archive/coinbase_messages/0123456789abcdef/segment_20260407T14_00003.ndjson"

    for shelf, dataset, wrong in (("ready", "a", digest), ("failed", "A/b", digest), ("failed", "a", "0123")):
        with pytest.raises(ValueError, match=r"shelf|lower-case|SHA-256"):
            shelf_path(shelf, dataset, wrong, name)  # type: ignore[arg-type]
