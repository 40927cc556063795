"""Recording while S3 fails: every frame reaches the vault once, and no upload is left open."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.recorder import uploader
from lakehouse.recorder.service import Options, Outcome, record
from lakehouse.recorder.subscription import Subscription
from lakehouse.storage.objects import retries
from lakehouse.storage.objects.s3 import S3Store
from tests.lakehouse.recorder.exchange import Client, Exchange
from tests.lakehouse.recorder.lines import lines_of, payload_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FRAMES = 1500
PADDING = "x" * 20_000
SEGMENT_BYTES = 12_000_000  # two parts each, three segments
S3 = {"service": "s3", "resource": "lake-*"}
CASES = {
    "slow down": [{**S3, "rate": 0.3, "fault": "slow_down"}],
    "connections reset": [{**S3, "rate": 0.3, "fault": "connection_reset"}],
    "replies lost": [
        {**S3, "operation": operation, "rate": 0.4, "fault": "lost_reply"}
        for operation in ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject")
    ],
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.02)
    monkeypatch.setattr(retries, "JITTER_SECONDS", 0.02)
    monkeypatch.setattr(uploader, "FIRST_PAUSE_SECONDS", 0.1)


async def load(client: Client) -> None:
    await client.confirm()
    for number in range(FRAMES):
        await client.next("ticker", {"number": number, "padding": PADDING})
    await (await client.socket.ping())
    os.kill(os.getpid(), signal.SIGTERM)
    await client.socket.wait_closed()


async def quiet(client: Client) -> None:
    await client.confirm()
    os.kill(os.getpid(), signal.SIGTERM)
    await client.socket.wait_closed()


async def run(script: Any, store: S3Store, ahead: Path) -> tuple[Exchange, Outcome]:
    async with Exchange(script).serving() as exchange:
        subscription = Subscription(exchange.url, ("BTC-USD",))
        return exchange, await record(subscription, store, Options(ahead, segment_size=SEGMENT_BYTES))


@pytest.mark.parametrize("rules", CASES.values(), ids=CASES.keys())
def test_nothing_is_lost_doubled_or_left_open(
    s3: "S3Client", bucket: str, faults: Any, tmp_path: Path, rules: list[dict[str, Any]]
) -> None:
    store = S3Store(bucket, region="us-east-1")
    faults.replace(rules, seed=5)
    try:
        exchange, outcome = asyncio.run(run(load, store, tmp_path))
        fired = faults.firings()
    finally:
        faults.clear()
    if outcome.left:  # S3 failed to the end: the next start finds the rest
        asyncio.run(run(quiet, store, tmp_path))

    assert len(fired) >= 5
    assert outcome.uploaded + outcome.left >= 3
    sent = [frame for frame in exchange.clients[0].sent if PADDING.encode() in frame]
    found = [payload_of(line) for line in lines_of(store) if PADDING in line.get("payload", "")]
    assert found == sent
    assert not list(tmp_path.rglob("segment_*"))
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
