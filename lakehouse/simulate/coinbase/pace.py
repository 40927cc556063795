"""How fast the exchange's clock runs on the wall's."""

from lakehouse.simulate.coinbase.times import SECOND


class Pace:
    """Both clocks agree at an anchor; from there on one runs `speed` times as fast as the other.

    A speed of 0 has no pace: everything is due at once.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._anchor: tuple[float, int] | None = None

    def stop(self) -> None:
        """Let the exchange stand still until it is next asked what is due."""
        self._anchor = None

    def seconds_until(self, instant: int, wall: float, now: int) -> float:
        """Seconds on the wall's clock, which shows `wall`, until the instant; 0 or less if it is due.

        Args:
            instant: Of the exchange, nanoseconds.
            wall: Seconds of any steady clock.
            now: What the exchange's clock shows, for when it has stood still.
        """
        if not self._speed:
            return 0.0
        if self._anchor is None:
            self._anchor = wall, now
        wall_then, then = self._anchor
        return wall_then + (instant - then) / SECOND / self._speed - wall
