"""The exchange behind a socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from lakehouse.simulate.coinbase.config import Simulation
from lakehouse.simulate.coinbase.limits import RateLimit
from lakehouse.simulate.coinbase.pace import Pace
from lakehouse.simulate.coinbase.server import running_exchange, simulated_exchange
from lakehouse.simulate.coinbase.truth import read_truth
from tests.lakehouse.simulate.coinbase.feed import (
    CHANNELS,
    Heard,
    listen,
    listen_to,
    simulation,
    subscribe,
    trades_in,
)


def talk(simulation: Simulation, client: Callable[[ClientConnection], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with simulated_exchange(simulation) as url, connect(url) as connection:
            return await client(connection)

    return asyncio.run(run())


def test_a_client_gets_every_text_in_order_and_a_normal_end() -> None:
    texts, code = listen_to(simulation())
    assert texts == Heard(simulation()).texts
    assert code == 1000


def test_the_same_seed_gives_the_same_bytes_with_faults_too() -> None:
    faults = ("drop=0.02", "duplicate=0.02", "malform=0.02", "late_trade=0.1")
    first, same, other = (listen_to(simulation(*faults, seed=seed))[0] for seed in (5, 5, 6))
    assert first == same
    assert first != other


@pytest.mark.parametrize(("fault", "code"), [("disconnect", 1001), ("abort", 1006)])
def test_a_connection_breaks_off(tmp_path: Path, fault: str, code: int) -> None:
    ledger = tmp_path / "ledger.ndjson"
    texts, heard_code = listen_to(simulation(f"{fault}=nth:700", ledger=ledger))
    assert heard_code == code
    # A reset may destroy what is under way; what arrives is the beginning.
    whole = Heard(simulation()).texts[:700]
    assert texts == (whole if fault == "disconnect" else whole[: len(texts)])
    assert read_truth(ledger).closed[0]["reason"] == fault


def test_a_silent_connection_stays_open_says_nothing_and_hears_nothing() -> None:
    async def client(connection: ClientConnection) -> tuple[int, bool]:
        for channel in CHANNELS:
            await connection.send(subscribe(channel))
        texts = [await connection.recv() for _ in range(700)]
        await connection.send(subscribe("ticker"))
        pong = await connection.ping()
        for waiting in (connection.recv(), pong):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(waiting, 0.2)
        open_still = connection.close_code is None
        connection.transport.abort()
        return len(texts), open_still

    assert talk(simulation("silence=nth:700"), client) == (700, True)


def test_who_connects_again_hears_the_market_go_on(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"

    async def run() -> list[list[str]]:
        heard = []
        async with simulated_exchange(simulation("disconnect=nth:700", ledger=ledger)) as url:
            for _ in range(2):
                async with connect(url) as connection:
                    heard.append(await listen(connection))
        return heard

    first, second = asyncio.run(run())

    truth = read_truth(ledger)
    assert [record["connection"] for record in truth.connections] == [1, 2]
    assert [record["reason"] for record in truth.closed] == ["disconnect", "end"]
    assert [len(first), len(second)] == [record["messages"] for record in truth.closed]
    assert json.loads(second[0])["sequence_num"] == 0
    # Nothing happened while nobody listened, and the snapshot repeats what the last message of the first had cut off.
    heard = {(t["product_id"], t["trade_id"]) for t in trades_in(map(json.loads, first + second))}
    assert heard == {(t["product_id"], t["trade_id"]) for t in truth.trades}


def test_two_clients_hear_the_same_market_with_numbers_of_their_own() -> None:
    async def run() -> tuple[list[str], list[str]]:
        async with (
            simulated_exchange(simulation(messages=None, minutes=1, start_after=1)) as url,
            connect(url) as one,
            connect(url) as other,
        ):
            return await asyncio.gather(listen(one, ["market_trades"]), listen(other, ["market_trades"]))

    one, other = asyncio.run(run())

    trades = [[t["trade_id"] for t in trades_in(map(json.loads, texts))] for texts in (one, other)]
    shorter, longer = sorted(trades, key=len)
    assert longer[-100:] == shorter[-100:]
    for texts in (one, other):
        assert [json.loads(text)["sequence_num"] for text in texts] == list(range(len(texts)))


def test_a_held_up_link_delivers_everything() -> None:
    texts, code = listen_to(simulation("delay=0.005", "delay_seconds=0.01", messages=600))
    assert texts == Heard(simulation(messages=600)).texts
    assert code == 1000


def test_a_connection_without_a_subscription_is_closed() -> None:
    async def client(connection: ClientConnection) -> int | None:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        return connection.close_code

    assert talk(simulation(subscribe_seconds=0.05), client) == 1008


def test_after_the_end_a_connection_is_closed_at_once() -> None:
    async def run() -> int | None:
        async with simulated_exchange(simulation(messages=100)) as url:
            async with connect(url) as connection:
                await listen(connection)
            async with connect(url) as connection:
                with pytest.raises(ConnectionClosed):
                    await connection.recv()
                return connection.close_code

    assert asyncio.run(run()) == 1000


def test_leaving_early_completes_the_ledger_and_frees_the_port(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"

    async def run() -> str:
        async with simulated_exchange(simulation(messages=None, ledger=ledger)) as url:
            # Without a limit to its queue, for a client that stopped reading would not see the goodbye.
            async with connect(url, max_queue=None) as connection:
                for channel in CHANNELS:
                    await connection.send(subscribe(channel))
                for _ in range(100):
                    await connection.recv()
            return url

    url = asyncio.run(run())

    truth = read_truth(ledger)
    assert truth.is_complete
    assert len(truth.messages) >= 100
    with pytest.raises(OSError, match=r"refused|failed"):
        asyncio.run(_connect(url))


async def _connect(url: str) -> None:
    async with connect(url):
        pass


def test_a_paced_exchange_takes_its_time() -> None:
    pace = Pace(speed=60.0)
    assert pace.seconds_until(60 * 10**9, wall=5.0, now=0) == 1.0
    assert pace.seconds_until(60 * 10**9, wall=5.75, now=0) == 0.25
    pace.stop()
    assert pace.seconds_until(90 * 10**9, wall=100.0, now=30 * 10**9) == 1.0
    assert Pace(speed=0).seconds_until(10**18, wall=0.0, now=0) == 0.0


def test_eight_in_any_second_are_allowed() -> None:
    limit = RateLimit()
    assert [limit.allows(0.1 * number) for number in range(9)] == [True] * 8 + [False]
    assert [limit.allows(wall) for wall in (0.99, 1.0, 1.05, 1.1)] == [False, True, False, True]


def test_where_limits_hold_too_much_is_refused() -> None:
    async def run() -> tuple[list[str], int]:
        async with simulated_exchange(simulation(enforce_limits=True, start_after=99)) as url:
            async with connect(url) as connection:
                for _ in range(40):
                    await connection.send(subscribe("heartbeats"))
                answers = [str(await connection.recv()) for _ in range(40)]
            with pytest.raises(InvalidStatus) as refused:
                await asyncio.gather(*(_connect(url) for _ in range(40)))
            return answers, refused.value.response.status_code

    answers, status = asyncio.run(run())

    assert '{"type":"error","message":"rate limit exceeded"}' in answers
    assert json.loads(answers[7])["channel"] == "subscriptions"
    assert status == 429


def test_the_market_can_go_on_while_nobody_listens(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"
    unheard = simulation(messages=None, minutes=1, speed=1_000.0, runs_unheard=True, ledger=ledger)

    async def run() -> None:
        async with running_exchange(unheard) as server:
            await server.wait_until_over()

    asyncio.run(run())

    truth = read_truth(ledger)
    assert truth.ends[0]["time"] == "2026-04-07T14:31:00Z"
    assert len(truth.minutes) == 3
    assert len(truth.trades) > 500
    assert truth.messages == []


def test_an_error_within_the_exchange_reaches_whoever_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with running_exchange(simulation()) as server, connect(server.url) as connection:
            monkeypatch.setattr(server.exchange.market, "advance", lambda: 1 // 0)
            await listen(connection)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())
