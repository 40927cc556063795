import io

import pytest
from rich.console import Console

from lakehouse.recorder.counts import Counts
from lakehouse.recorder.status import Status, live
from lakehouse.storage.objects.paths import SegmentName


def test_the_line_says_how_the_recorder_fares(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 50.0
    monkeypatch.setattr("lakehouse.recorder.status.time.monotonic", lambda: now)
    counts = Counts(messages=1000)
    shown = Status(counts)
    shown.line(None, 0, 0)
    now = 52.0
    counts.messages, counts.received_bytes, counts.is_connected = 4000, 2_500_000, True
    counts.gaps, counts.missing, counts.acknowledge_lag_ns = 2, 7, 12_400_000

    assert shown.line(SegmentName("20260407T14", 3), 1_200_000, 2) == (
        "recording · 1,500 messages/s · 4,000 messages, 2.5 MB · lag 12 ms · 2 gaps, 7 missing · "
        "segment_20260407T14_00003.ndjson 1.2 MB · 2 to upload"
    )
    counts.is_connected = False
    assert shown.line(None, 0, 0).startswith("not connected · 0 messages/s")


def test_there_is_no_line_where_nobody_watches() -> None:
    assert live(Console(file=io.StringIO())) is None
    assert live(Console(file=io.StringIO(), force_terminal=True)) is not None
