"""The exchange's ledger against silver and gold."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lakehouse.cli.market_data.provable import provable_minutes
from lakehouse.cli.market_data.tables import Key, Tables
from lakehouse.simulate.coinbase.ledger import ARRIVED
from lakehouse.simulate.coinbase.truth import Record, Truth

_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Comparison:
    """One thing that must be equal; `detail` has the figures."""

    what: str
    is_equal: bool
    detail: str

    @property
    def verdict(self) -> str:
        """One word."""
        return "equal" if self.is_equal else "differs"


def compare(truth: Truth, told: set[Key], tables: Tables) -> Iterator[Comparison]:
    """Compare trades, bars and gaps.

    Args:
        truth: The ledger, complete.
        told: Trades that a message which arrived told of.
        tables: What was made of the recording.
    """
    made = tables.trades()
    yield _trades(truth, told, made)
    yield _missing_trades(truth, {key for key, _ in made}, tables)
    yield from _bars(truth, told, tables)
    yield _recorded_gaps(truth, tables)
    yield _gaps(truth, tables)


def _trades(truth: Truth, told: set[Key], made: list[tuple[Key, tuple[Decimal, Decimal, str]]]) -> Comparison:
    true = {_key(one): (Decimal(one["price"]), Decimal(one["size"]), one["side"]) for one in truth.trades}
    counts = Counter(key for key, _ in made)
    twice = counts.total() - len(counts)
    wrong = sum(true.get(key) != values for key, values in made)
    lacking, invented = len(told - counts.keys()), len(counts.keys() - told)
    return Comparison(
        "every trade once in silver.market_trades",
        not (twice or wrong or lacking or invented) and bool(made),
        f"{len(true):,} happened, {len(told):,} arrived, {len(made):,} found; {lacking} lacking, {twice} twice, "
        f"{invented} that did not arrive, {wrong} with other values",
    )


def _missing_trades(truth: Truth, made: set[Key], tables: Tables) -> Comparison:
    """Before the first trade that was received and after the last, ids show nothing."""
    ids: dict[str, set[int]] = defaultdict(set)
    for product, number in made:
        ids[product].add(number)
    edges = {product: (min(known), max(known)) for product, known in ids.items()}
    expected = Counter(
        product
        for product, number in map(_key, truth.trades)
        if product in edges and edges[product][0] < number < edges[product][1] and number not in ids[product]
    )
    for product, last in tables.last_trades_before().items():
        if product in edges:
            expected[product] += edges[product][0] - last - 1
    found = Counter({product: gaps.missing_trades for product, gaps in tables.gaps().items()})
    return Comparison(
        "trades that completeness_1m knows to be missing",
        expected == found,
        f"{expected.total():,} in the ledger, {found.total():,} found",
    )


def _bars(truth: Truth, told: set[Key], tables: Tables) -> Iterator[Comparison]:
    found = tables.bars()
    true = {
        (one["product_id"], int(datetime.fromisoformat(one["minute"]).timestamp())): one
        for one in truth.minutes
        if one["trade_count"]
    }
    complete = {key for key, bar in found.items() if bar.is_complete}
    wrong = sum(found[key].values != _values(true[key]) for key in complete if key in true)
    invented = len(found.keys() - true.keys())
    yield Comparison(
        "bars of ohlcv_1m that are complete",
        not wrong and not invented,
        f"{len(complete)} of {len(found)} are complete, {wrong} of them with other values than the ledger; "
        f"{invented} bars of minutes without trades",
    )
    whole = {key for key, one in true.items() if one["is_whole"]}
    sound = {key for key in whole if key in found and found[key].values[-1] == true[key]["trade_count"]}
    proven, complete = provable_minutes(truth, told, whole), complete & whole
    yield Comparison(
        "whole minutes of which no trade is missing",
        proven <= complete <= sound,
        f"{len(sound)} of {len(whole)} by the ledger, {len(proven)} that the ids of trades prove, "
        f"{len(complete)} by ohlcv_1m",
    )


def _values(minute: Record) -> tuple[Decimal, ...]:
    return (
        *(Decimal(minute[name]) for name in _PRICES),
        Decimal(minute["volume"]),
        Decimal(minute["trade_count"]),
    )


def _recorded_gaps(truth: Truth, tables: Tables) -> Comparison:
    true = Counter((one["connection"], one["last_before"], one["next_after"]) for one in truth.gaps)
    found = tables.recorded_gaps()
    lacking, invented = (true - found).total(), (found - true).total()
    return Comparison(
        "gaps that the recorder noticed, by their sequence numbers",
        true == found,
        f"{true.total()} in the ledger, {found.total()} in silver.messages; {lacking} lacking, {invented} invented",
    )


def _gaps(truth: Truth, tables: Tables) -> Comparison:
    gaps, missing = _losses(truth)
    found = tables.gaps()
    products = truth.runs[0]["products"]
    is_equal = found.keys() == {*products} and all(
        (one.gaps, one.missing_messages) == (gaps, missing) for one in found.values()
    )
    figures = ", ".join(
        f"{product} {one.gaps} and {one.missing_messages}" for product, one in sorted(found.items())
    )
    return Comparison(
        "gaps and missing messages of each product in completeness_1m",
        is_equal,
        f"{gaps} and {missing} by the ledger; {figures or 'none'}",
    )


def _losses(truth: Truth) -> tuple[int, int]:
    """Gaps and messages in them, over all connections; what cannot be read is lost like what was dropped."""
    last: dict[int, int] = {}
    gaps = missing = 0
    for one in truth.messages:
        if one["fate"] in ARRIVED:
            lost = one["sequence_num"] - last.get(one["connection"], -1) - 1
            gaps, missing = gaps + (lost > 0), missing + lost
            last[one["connection"]] = one["sequence_num"]
    return gaps, missing


def _key(trade: Record) -> Key:
    return trade["product_id"], int(trade["trade_id"])
