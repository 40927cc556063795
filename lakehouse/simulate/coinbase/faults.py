"""What can go wrong between the exchange and who listens, each a switch, all of it decided by the seed."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from lakehouse.simulate.fault_texts import named_values


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which of the things that a fault may befall it does: a share of them at random, or one.

    Attributes:
        share: From 0 to 1.
        nth: Counted from 1 over the whole run.
    """

    share: float = 0.0
    nth: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """`0.01` is a share, `nth:500` the 500th; raises ValueError for anything else."""
        if text.startswith("nth:"):
            nth = int(text.removeprefix("nth:"))
            if nth < 1:
                raise ValueError(f"{text}: the first is nth:1")
            return cls(nth=nth)
        share = float(text)
        if not 0 <= share <= 1:
            raise ValueError(f"{text}: a share is from 0 to 1")
        return cls(share=share)

    def countdown(self, seed: str) -> "Countdown":
        """A fresh count, whose random hits follow from the seed."""
        return Countdown(self, random.Random(seed))  # noqa: S311


class Countdown:
    """Says of each thing in turn whether the fault befalls it."""

    def __init__(self, trigger: Trigger, rng: random.Random) -> None:
        self._share = trigger.share
        self._rng = rng
        self._left = trigger.nth or self._distance()

    def hit(self) -> bool:
        """Whether the next thing is hit."""
        self._left -= 1
        if self._left:
            return False
        self._left = self._distance()
        return True

    def _distance(self) -> int:
        """How many things on the next hit is: geometric, one draw per hit; 0 and below never come."""
        if self._share <= 0:
            return 0
        if self._share >= 1:
            return 1
        return 1 + int(math.log(1.0 - self._rng.random()) / math.log(1.0 - self._share))


NEVER = Trigger()


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Every fault off by default. Triggers count over the whole run, also across connections."""

    drop: Trigger = NEVER
    """Messages that get a sequence number and are not sent."""
    duplicate: Trigger = NEVER
    """Messages that are sent twice, with one sequence number."""
    malform: Trigger = NEVER
    """Messages cut off before their sequence number: no valid JSON, and the number is missing."""
    truncate: Trigger = NEVER
    """Messages cut off behind their sequence number: no valid JSON, though the number is there."""
    disconnect: Trigger = NEVER
    """Messages after which the server closes the connection, with code 1001."""
    abort: Trigger = NEVER
    """Messages after which the TCP connection is reset; what was under way may be lost."""
    silence: Trigger = NEVER
    """Messages after which the connection stays open, says nothing and hears nothing, as one half open."""
    delay: Trigger = NEVER
    """Messages before which the link, and with it the market, is held up for `delay_seconds`."""
    late_trade: Trigger = NEVER
    """Trades whose time is up to two seconds earlier than that of trades with lower ids."""
    refuse: Trigger = NEVER
    """Requests to subscribe that are answered with an error."""
    outage_seconds: float = 0.0
    """Of the exchange, for which the market goes on unheard after `disconnect`, `abort` and `silence`."""
    delay_seconds: float = 0.2
    """Of the wall clock."""
    skew_seconds: float = 0.0
    """By which the clock of envelopes and heartbeats is ahead of that of trades and books."""
    snapshot_megabytes: float = 0.0
    """Size of the level2 snapshot of the first product, at least."""

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Faults such as `drop=0.001`, `abort=nth:500`, `skew_seconds=-3`.

        Raises:
            ValueError: An unknown fault or a value that it cannot have; says which.
        """
        known = {field.name: field for field in fields(cls)}
        values: dict[str, Trigger | float] = {}
        for name, value in named_values(texts, known):
            try:
                values[name] = Trigger.parse(value) if known[name].type is Trigger else float(value)
            except ValueError as error:
                raise ValueError(
                    f"fault {name}: {error}; give a share (0.001) or one (nth:500), or seconds and megabytes"
                ) from error
        return cls(**values)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for name in ("outage_seconds", "delay_seconds", "snapshot_megabytes"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must not be negative")
