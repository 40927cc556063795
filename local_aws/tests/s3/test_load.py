"""Many requests at once, and objects far larger than what the server may keep in memory."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

REQUESTS = 1000
PART_BYTES = 8 << 20
LARGE_BYTES = 256 << 20
GROWTH_BYTES_MAX = 192 << 20  # parts are read whole, and a few are there at once; objects never are


class Zeros:
    """A file of zeros that is nowhere; remembers its hash."""

    def __init__(self, size):
        self.left, self.hash = size, hashlib.sha256()

    def read(self, size=-1):
        chunk = bytes(min(size if size >= 0 else self.left, self.left))
        self.left -= len(chunk)
        self.hash.update(chunk)
        return chunk


def peak_bytes(pid):
    """The most memory that a process has had at once."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) << 10


def test_a_thousand_requests_at_once_are_all_answered(storage, bucket):
    s3 = boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(max_pool_connections=REQUESTS, retries={"max_attempts": 1}),
    )
    together = threading.Barrier(REQUESTS, timeout=120)

    def put(number):
        together.wait()
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=b"x" * number)

    with ThreadPoolExecutor(REQUESTS) as pool:
        list(pool.map(put, range(REQUESTS)))
    sizes = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert sizes == {f"k{number}": number for number in range(REQUESTS)}


def test_memory_does_not_grow_with_an_object(lone_server):
    s3 = lone_server.client("s3")
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="small", Body=b"x")
    before = peak_bytes(lone_server.process.pid)
    source = Zeros(LARGE_BYTES)
    upload = s3.create_multipart_upload(Bucket="large", Key="k")["UploadId"]
    target = {"Bucket": "large", "Key": "k", "UploadId": upload}
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**target, PartNumber=number, Body=source.read(PART_BYTES))["ETag"],
        }
        for number in range(1, LARGE_BYTES // PART_BYTES + 1)
    ]
    s3.complete_multipart_upload(**target, MultipartUpload={"Parts": parts})
    s3.copy_object(Bucket="large", Key="copy", CopySource="large/k")
    digest = hashlib.sha256()
    for chunk in s3.get_object(Bucket="large", Key="copy")["Body"].iter_chunks(1 << 20):
        digest.update(chunk)
    assert digest.hexdigest() == source.hash.hexdigest()
    assert peak_bytes(lone_server.process.pid) - before < GROWTH_BYTES_MAX
