import asyncio

import pytest

from lakehouse.recorder.limits import Backoff, RateLimit


def test_no_second_sees_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a clock that only moves while somebody sleeps."""
    moments: list[float] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        now = 100.0

        async def sleep(seconds: float) -> None:
            nonlocal now
            now += seconds

        monkeypatch.setattr(loop, "time", lambda: now)
        monkeypatch.setattr("lakehouse.recorder.limits.asyncio.sleep", sleep)
        limit = RateLimit(8)
        for _ in range(30):
            await limit.take()
            moments.append(now)

    asyncio.run(run())

    assert moments[:8] == [100.0] * 8
    assert all(later - earlier >= 1 for earlier, later in zip(moments, moments[8:], strict=False))
    assert moments[-1] == pytest.approx(103)


def test_pauses_double_to_a_limit_and_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    backoff = Backoff(first=1, longest=60)
    for whole in (1, 2, 4, 8, 16, 32, 60, 60):
        assert whole / 2 <= backoff.pause() <= whole
    backoff.reset()
    assert backoff.pause() <= 1
    assert len({Backoff().pause() for _ in range(20)}) > 1
