"""What the embedded AWS costs a call, against plain moto in the same run; and its start, its memory and its limits.

python -m benchmarks.embedded_aws                 # S3, catalog and queues, against moto_server
python -m benchmarks.embedded_aws --trino         # also start, idle memory and 50 queries at once, with Trino
python -m benchmarks.embedded_aws --objects 10    # also 1,000 requests at once, and the memory of 10 GiB of objects
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil

CALLS = 150
ROUNDS = 3
QUERIES = 50
REQUESTS = 1000
MIB, GIB = 1 << 20, 1 << 30
OBJECT_BYTES = 4 * MIB
LARGE_BYTES = 64 * MIB


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str]) -> Iterator[tuple[int, float]]:
    """Run a server; yields its process id and the seconds until it answered."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise SystemExit(f"{command} ended with {process.returncode}")
            time.sleep(0.02)
        yield process.pid, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(timeout=60)


def client(service: Any, port: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # not a secret
    )


def calls(port: int) -> dict[str, Callable[[], Any]]:
    """One call of each kind, against a server that has what it needs."""
    s3, glue, sqs = (client(service, port) for service in ("s3", "glue", "sqs"))
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="small", Body=b"x")
    s3.put_object(Bucket="lake", Key="large", Body=bytes(OBJECT_BYTES))
    glue.create_database(DatabaseInput={"Name": "shop"})
    storage = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://lake/t/"}
    glue.create_table(DatabaseName="shop", TableInput={"Name": "t", "StorageDescriptor": storage})
    queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    return {
        "s3 PutObject 1 B": lambda: s3.put_object(Bucket="lake", Key="small", Body=b"x"),
        "s3 PutObject 4 MiB": lambda: s3.put_object(Bucket="lake", Key="large", Body=bytes(OBJECT_BYTES)),
        "s3 GetObject 1 B": partial(_read, s3, "small"),
        "s3 GetObject 4 MiB": partial(_read, s3, "large"),
        "s3 ListObjectsV2": lambda: s3.list_objects_v2(Bucket="lake"),
        "glue GetTable": lambda: glue.get_table(DatabaseName="shop", Name="t"),
        "sqs SendMessage": lambda: sqs.send_message(QueueUrl=queue, MessageBody="go"),
    }


def _read(s3: Any, key: str) -> None:
    s3.get_object(Bucket="lake", Key=key)["Body"].read()


def milliseconds(call: Callable[[], Any]) -> float:
    """The median of many calls."""
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def embedded(port: int, folder: Path, *options: str) -> list[str]:
    command = [sys.executable, "-m", "local_aws", "serve", "--port", str(port), "--no-warm", *options]
    return [*command, "--state-dir", str(folder)]


def against_moto() -> None:
    plain_port, own_port = free_port(), free_port()
    moto = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(plain_port)]
    with tempfile.TemporaryDirectory() as folder:
        own = embedded(own_port, Path(folder), "--no-trino")
        with serving(moto, plain_port, {}) as (_, moto_start), serving(own, own_port, {}) as (pid, own_start):
            plain, ours = calls(plain_port), calls(own_port)
            print(f"start: moto {moto_start:.1f} s, embedded AWS {own_start:.1f} s")
            print("| call | moto ms | embedded ms | ratio |\n| --- | --- | --- | --- |")
            for name in plain:
                # Turn by turn, so that a busy moment of the machine hits both.
                rounds = [(milliseconds(plain[name]), milliseconds(ours[name])) for _ in range(ROUNDS)]
                theirs, mine = (statistics.median(column) for column in zip(*rounds, strict=True))
                print(f"| {name} | {theirs:.2f} | {mine:.2f} | {mine / theirs:.2f} |")
            print(f"memory after it: {psutil.Process(pid).memory_info().rss / MIB:.0f} MiB")


def with_objects(gib: int) -> None:
    """Many requests at once, then objects of 64 MiB and one that is sent in parts; all are read back."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        own = embedded(port, Path(folder), "--no-trino")
        with serving(own, port, {}) as (pid, _):
            s3 = client("s3", port)
            s3.create_bucket(Bucket="lake")
            began = time.monotonic()
            with ThreadPoolExecutor(REQUESTS) as pool:
                list(
                    pool.map(
                        lambda n: s3.put_object(Bucket="lake", Key=f"small/{n}", Body=b"x"), range(REQUESTS)
                    )
                )
            print(f"{REQUESTS} PutObject by as many threads: {time.monotonic() - began:.1f} s")
            before = _peak_mib(pid)
            began = time.monotonic()
            count = gib * GIB // LARGE_BYTES
            body = os.urandom(LARGE_BYTES)
            for number in range(count // 2):
                s3.put_object(Bucket="lake", Key=f"large/{number}", Body=body)
            s3.upload_fileobj(Repeated(body, count - count // 2), "lake", "parts")
            sizes = [
                o["Size"]
                for p in s3.get_paginator("list_objects_v2").paginate(Bucket="lake")
                for o in p["Contents"]
            ]
            read = sum(
                len(chunk)
                for key in ("parts", *(f"large/{number}" for number in range(count // 2)))
                for chunk in s3.get_object(Bucket="lake", Key=key)["Body"].iter_chunks(MIB)
            )
            print(
                f"{(sum(sizes) - REQUESTS) / GIB:.1f} GiB written, {read / GIB:.1f} GiB read in "
                f"{time.monotonic() - began:.0f} s; peak memory {before:.0f} MiB before, {_peak_mib(pid):.0f} MiB after"
            )


class Repeated:
    """A file that says the same again and again, and is nowhere."""

    def __init__(self, body: bytes, times: int) -> None:
        self._body, self._left, self._size = body, len(body) * times, len(body)

    def read(self, size: int = -1) -> bytes:
        at = -self._left % self._size
        chunk = self._body[at : at + (self._size if size < 0 else size)][: self._left]
        self._left -= len(chunk)
        return chunk


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def with_trino() -> None:
    port, trino_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"LOCAL_AWS_TRINO_PORT": str(trino_port)}
        with serving(embedded(port, Path(folder)), port, environment) as (pid, start):
            print(f"start: {start:.1f} s")
            began = time.monotonic()
            while (
                httpx.get(f"http://127.0.0.1:{port}/_local_aws/health", timeout=10).status_code
                != httpx.codes.OK
            ):
                time.sleep(0.2)
            print(f"Trino ready after {start + time.monotonic() - began:.0f} s")
            queries_at_once(port)
            server = psutil.Process(pid)
            rss = {p.name(): p.memory_info().rss / MIB for p in [server, *server.children(recursive=True)]}
            print("idle memory: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in rss.items()))


def queries_at_once(port: int) -> None:
    s3, athena = client("s3", port), client("athena", port)
    s3.create_bucket(Bucket="lake")
    began = time.monotonic()
    place = {"OutputLocation": "s3://lake/results/"}
    ids = [
        athena.start_query_execution(QueryString=f"SELECT {n}", ResultConfiguration=place)["QueryExecutionId"]
        for n in range(QUERIES)
    ]
    states = [_end(athena, query_id) for query_id in ids]
    queued = [q["Statistics"]["QueryQueueTimeInMillis"] / 1000 for q in states]
    failed = sum(q["Status"]["State"] != "SUCCEEDED" for q in states)
    print(
        f"{QUERIES} queries at once: {time.monotonic() - began:.1f} s, {failed} failed, "
        f"queued {min(queued):.1f} to {max(queued):.1f} s"
    )


def _end(athena: Any, query_id: str) -> Any:
    while True:
        query = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if query["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return query


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trino", action="store_true", help="also what needs Trino")
    parser.add_argument("--objects", type=int, metavar="GIB", help="also how much memory objects take")
    chosen = parser.parse_args()
    against_moto()
    if chosen.objects:
        with_objects(chosen.objects)
    if chosen.trino:
        with_trino()
