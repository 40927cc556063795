"""Feeds of a few products over some days, drawn at random: silver as it is, and as it was before a delivery."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

START = datetime(2026, 4, 1, tzinfo=UTC)
DAYS = 6
TABLES = ("market_trades", "level2", "messages")

type TextRow = Mapping[str, Any]
type Silver = dict[str, list[TextRow]]


@dataclass
class Feed:
    """One history: what is known after the last delivery, and what was before it."""

    name: str
    random: Random
    after: Silver = field(default_factory=lambda: {table: [] for table in TABLES})
    before: Silver = field(default_factory=lambda: {table: [] for table in TABLES})

    @classmethod
    def draw(cls, number: int) -> "Feed":
        feed = cls(f"F{number:03d}", Random(number))
        feed._fill()
        feed._deliver_late()
        if feed.random.random() < 0.25:  # what was known is taken back
            feed.before, feed.after = feed.after, feed.before
        return feed

    @property
    def products(self) -> list[str]:
        return [f"{self.name}-A", f"{self.name}-B"]

    def moment(self) -> datetime:
        """A time of the days; often within seconds of midnight, where what is late crosses it."""
        day = START + timedelta(days=self.random.randrange(DAYS))
        if self.random.random() < 0.4:
            return day + timedelta(milliseconds=self.random.randrange(-2_500, 2_500))
        return day + timedelta(milliseconds=self.random.randrange(86_400_000))

    def _fill(self) -> None:
        for number in range(self.random.randint(1, 6)):
            self._connect(f"{self.name}-{number}")
        for product in self.products:
            self._trade(product)

    def _connect(self, name: str) -> None:
        """A connection of some messages: a stretch of it may be silent, numbers may be missing."""
        begins = self.moment()
        longest = self.random.choice((3, 90, 3_600, 86_400, 3 * 86_400))
        times = sorted(
            begins + timedelta(milliseconds=self.random.randrange(longest * 1000))
            for _ in range(self.random.randint(1, 12))
        )
        times += sorted(self._chatter(times))
        carried = self.random.choice((self.products, self.products[:1], self.products[1:], self.products))
        if self.random.random() < 0.9:
            channels = self.random.choice(("", "[]", '["level2"]', '["market_trades", "level2"]'))
            self._message(name, "connected", begins, products=json.dumps(carried), channels=channels)
        sequence, beats = self.random.choice((0, 0, 0, 2)), 0
        times.sort()
        self._confuse(times)
        for time in times:
            beats += self.random.choice((1, 1, 1, 2))
            self._message(
                name,
                "message",
                time,
                channel=self.random.choice(("l2_data", "market_trades")),
                refused_products=json.dumps(self.random.choice((carried[:1], [None])))
                if self.random.random() < 0.1
                else "",
                sequence_num=sequence,
                time=time,
                heartbeat_counter=beats,
            )
            for product in carried:
                self._book(name, product, sequence, time)
            sequence += self.random.choice((1, 1, 1, 1, 3))

    def _chatter(self, times: Sequence[datetime]) -> Iterator[datetime]:
        """Seconds in which a connection is heard without a pause."""
        for time in self.random.sample(times, k=min(2, len(times))):
            yield from (time + timedelta(seconds=second) for second in range(self.random.randint(0, 150)))

    def _message(self, connection: str, kind: str, at: datetime, **more: object) -> None:
        received = at + timedelta(seconds=self.random.choice((0, 0, 1, 3, -3)))
        self.after["messages"].append(
            {
                "recorder_id": self.name,
                "counter": len(self.after["messages"]),
                "kind": kind,
                "connection_id": connection,
                "received_at": received.replace(tzinfo=None),
                "date": received.date(),
                **{key: v.replace(tzinfo=None) if isinstance(v, datetime) else v for key, v in more.items()},
            }
        )

    def _book(self, connection: str, product: str, sequence: int, time: datetime) -> None:
        if self.random.random() < 0.7 and sequence:
            return
        is_snapshot = self.random.random() < 0.4
        for index, side in enumerate(("bid", "offer")):
            price = self.random.randrange(90, 100) + 15 * index
            self.after["level2"].append(
                {
                    "connection_id": connection,
                    "sequence_num": sequence,
                    "event_index": self.products.index(product),
                    "update_index": index,
                    "product_id": product,
                    "side": side,
                    "price_level": price,
                    "new_quantity": self.random.randrange(4),
                    "is_snapshot": is_snapshot,
                    "time": time.replace(tzinfo=None),
                    "date": time.date(),
                }
            )

    def _trade(self, product: str) -> None:
        times = sorted(self.moment() for _ in range(self.random.choice((0, 1, 2, 5, 12, 25))))
        self._confuse(times)
        trade_id = 10
        for time in times:
            trade_id += self.random.choice((1, 1, 1, 1, 2))
            self.after["market_trades"].append(
                {
                    "product_id": product,
                    "trade_id": trade_id,
                    "price": self.random.randrange(90, 110),
                    "size": self.random.randrange(1, 5),
                    "side": "BUY",
                    "time": time.replace(tzinfo=None),
                    "date": time.date(),
                }
            )

    def _confuse(self, times: list[datetime]) -> None:
        """Let some that follow each other on a day change places."""
        for place in range(1, len(times)):
            if times[place].date() == times[place - 1].date() and self.random.random() < 0.2:
                times[place - 1], times[place] = times[place], times[place - 1]

    def _deliver_late(self) -> None:
        """Take away what the last delivery brings, and correct a little of what it does not."""
        late = self.random.choice(("a while", "a connection", "a while", "a few", "trades"))
        since = self.moment().replace(tzinfo=None)
        until = since + timedelta(seconds=self.random.choice((2, 60, 7_200, 100_000)))
        connection = f"{self.name}-{self.random.randrange(6)}"
        for table, rows in self.after.items():
            for row in rows:
                at = row["received_at"] if table == "messages" else row["time"]
                is_late = {
                    "a while": since <= at < until,
                    "a connection": row.get("connection_id") == connection,
                    "a few": self.random.random() < 0.05,
                    "trades": table == "market_trades" and self.random.random() < 0.3,
                }[late]
                if not is_late:
                    self.before[table].append(row)
                elif self.random.random() < 0.1:
                    self.before[table].append(self._other(table, row))

    def _other(self, table: str, row: TextRow) -> TextRow:
        """The row as it was before it was corrected: another number, or at a time nearby, maybe of another day."""
        if table == "messages":
            return {**row, "heartbeat_counter": "", "kind": "message"}
        if self.random.random() < 0.5:
            return {**row, **({"price": 1} if table == "market_trades" else {"new_quantity": 9})}
        time = row["time"] + timedelta(seconds=self.random.choice((-4, -1, 1, 4)))
        return {**row, "time": time, "date": time.date()}
