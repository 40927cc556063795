"""The recorder, killed at random moments under load: the vault holds what it had acknowledged, and holds it once.

Acknowledgements are read from the journals that the dead process left; what must be in the vault is compared with what
the exchange remembers to have sent. `LAKEHOUSE_TEST_KILLS=20` kills more often.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lakehouse.storage.objects.s3 import S3Store
from tests.lakehouse.embedded_aws import CREDENTIALS, ROOT
from tests.lakehouse.recorder.exchange import Client, ExchangeThread
from tests.lakehouse.recorder.lines import lines_of, payload_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KILLS = int(os.environ.get("LAKEHOUSE_TEST_KILLS", "3"))
SEED = 11
STARTED_SECONDS = 60
SEGMENT_MB = "7"  # above 5 MB, so that most segments are uploaded in parts
PADDING = "x" * 4000
COMMAND = [sys.executable, "-c", "from lakehouse.cli.main import main; main()", "record", "coinbase"]


async def load(client: Client) -> None:
    """As fast as the client takes them, each message unique to its connection."""
    await client.confirm()
    while True:
        await client.next("ticker", {"connection": client.number, "padding": PADDING})
        if client.sequence % 20 == 0:
            await asyncio.sleep(0.005)


class Process:
    """A recorder as an operator starts it."""

    def __init__(self, url: str, ahead: Path, environment: dict[str, str]) -> None:
        options = ["--endpoint", url, "--write-ahead-dir", str(ahead), "--segment-size", SEGMENT_MB]
        self._log = ahead.with_suffix(".log")
        self._ahead = ahead
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *options], env=environment, cwd=ROOT, stdout=log, stderr=log
            )

    def wait_until_it_acknowledges(self, before: dict[str, int]) -> None:
        deadline = time.monotonic() + STARTED_SECONDS
        while not set(acknowledged(self._ahead)) - set(before):
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(60) == 0, self._log.read_text()


def acknowledged(ahead: Path) -> dict[str, int]:
    """Recorder → counter of its last acknowledged line, of all segments that are still here."""
    found: dict[str, int] = {}
    for journal in ahead.rglob("*.journal"):
        try:
            entries = journal.read_text().rpartition("\n")[0].split("\n")
            with journal.with_suffix("").open("rb") as segment:
                recorder = json.loads(segment.readline())["recorder_id"]
            found[recorder] = max(found.get(recorder, -1), int(entries[-1].split()[2]))
        except (OSError, ValueError, IndexError):
            continue  # a segment between two states; only looked at while the process lives
    return found


@pytest.mark.timeout(60 + 30 * KILLS)
def test_a_killed_recorder_loses_no_acknowledged_line_and_doubles_none(
    s3: "S3Client", endpoint: str, bucket: str, tmp_path: Path
) -> None:
    random_moment = random.Random(SEED)
    ahead = tmp_path / "ahead"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAKEHOUSE_")}
    vault = {"LAKEHOUSE_STORAGE__BACKEND": "s3", "LAKEHOUSE_STORAGE__BUCKET": bucket}
    environment = {**kept, **CREDENTIALS, **vault, "AWS_ENDPOINT_URL": endpoint, "PYTHONPATH": str(ROOT)}
    told: dict[str, int] = {}
    with ExchangeThread(load) as exchange:
        for _ in range(KILLS):
            recorder = Process(exchange.url, ahead, environment)
            try:
                recorder.wait_until_it_acknowledges(told)
                time.sleep(random_moment.uniform(0, 3))
            finally:
                recorder.kill()
            told |= acknowledged(ahead)
        recorder = Process(exchange.url, ahead, environment)
        try:
            recorder.wait_until_it_acknowledges(told)
            recorder.stop()
        finally:
            recorder.kill()
        sent = {frame for client in exchange.clients for frame in client.sent}

    lines = lines_of(S3Store(bucket, region="us-east-1"))
    assert len(told) == KILLS
    assert min(told.values()) > 0
    counters: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        counters[line["recorder_id"]].append(line["counter"])
    assert len(counters) == KILLS + 1
    for recorder_id, found in counters.items():
        assert sorted(found) == list(range(len(found))), "a line is missing or there twice"
        assert len(found) > told.get(recorder_id, -1), "an acknowledged line is lost"
    times = Counter(payload_of(line) for line in lines if PADDING in line.get("payload", ""))
    assert max(times.values()) == 1
    assert set(times) <= sent
    assert not list(ahead.rglob("segment_*")), "everything was uploaded"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert max(content["Size"] for content in s3.list_objects_v2(Bucket=bucket)["Contents"]) > 5 * 1024 * 1024
