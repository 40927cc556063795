"""Files as objects of one S3 bucket.

Above 5 MB s3transfer sends parts, each retried by itself, and aborts the upload when one fails for good. What it cannot
know is handled here: a reply that was lost after S3 had made or completed an upload.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cached_property
from io import BytesIO
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from uuid import uuid4

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from lakehouse.storage.bucket.failure import error_code
from lakehouse.storage.objects.failure import MISSING, TAKEN, named_failures
from lakehouse.storage.objects.options import storage_options
from lakehouse.storage.objects.paths import checked, folder
from lakehouse.storage.objects.retries import NO_RETRIES_BY_BOTOCORE, retry_requests, retrying
from lakehouse.storage.objects.store import BINARY, StoredFile, StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

PART_BYTES = 8 * 1024 * 1024
TRANSFER = TransferConfig(
    multipart_threshold=5 * 1024 * 1024, multipart_chunksize=PART_BYTES, max_concurrency=4
)
_KEYS_A_CALL = 1000
_MARK = "/"
"""How the key of an object ends that stands for a folder."""
_UPLOAD = "upload"
"""Object metadata by which an upload knows its own object after a lost reply."""


class S3Store:
    """Implements `ObjectStore`.

    Args:
        bucket: Must exist.
        base_dir: Prefix of all keys; empty for none.
        region: Of the bucket; by default the one that boto3 finds.
    """

    def __init__(self, bucket: str, base_dir: str = "", *, region: str | None = None) -> None:
        self.bucket = bucket
        self._base = folder(base_dir)
        self._s3 = _client(region)
        self.region = self._s3.meta.region_name

    @cached_property
    def _s3_new(self) -> "S3Client":
        """The client that replaces nothing: the steps do without."""
        client = _client(self.region)
        _never_replace(client)
        return client

    def read(self, path: str) -> bytes:
        key = self._key(path)

        def whole() -> bytes:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

        with named_failures("read", self.uri(path)):
            return retrying()(whole)

    # What others delivered has the name that they gave it, such as `a//b.csv`: that is opened as it was listed.
    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        with named_failures("read", self.uri(path)):
            body = self._s3.get_object(Bucket=self.bucket, Key=self._base + path)["Body"]
            try:
                yield cast("BinaryIO", body)
            finally:
                body.close()

    def download(self, path: str, target: BinaryIO) -> None:
        with named_failures("read", self.uri(path)):
            self._s3.download_fileobj(self.bucket, self._base + path, target, Config=TRANSFER)

    def size(self, path: str) -> int | None:
        with named_failures("look for", self.uri(path)):
            found = self._head(self._key(path))
        return None if found is None else found[0]

    def write(self, path: str, content: bytes, content_type: str = BINARY) -> None:
        if len(content) >= TRANSFER.multipart_threshold:
            self._upload(self._s3, path, BytesIO(content), content_type)
            return
        with named_failures("write", self.uri(path)):
            self._s3.put_object(
                Bucket=self.bucket, Key=self._key(path), Body=content, ContentType=content_type
            )

    def upload(self, path: str, source: Path, *, replace: bool = True) -> None:
        with source.open("rb") as stream:
            self.upload_stream(path, stream, replace=replace)

    def upload_stream(self, path: str, stream: BinaryIO, *, replace: bool = True) -> None:
        self._upload(self._s3 if replace else self._s3_new, path, stream, BINARY)

    def _upload(self, client: "S3Client", path: str, stream: BinaryIO, content_type: str) -> None:
        key = self._key(path)
        try:
            with named_failures("upload", self.uri(path)):
                self._transfer(client, key, stream, content_type)
        finally:
            # A CreateMultipartUpload whose reply was lost, or an abort that did not get through.
            self.discard_unfinished(path)

    def discard_unfinished(self, path: str) -> None:
        key = self._key(path)
        with named_failures("discard unfinished uploads of", self.uri(path)):
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=key)
            for upload in [upload for page in pages for upload in page.get("Uploads", [])]:
                if upload["Key"] == key:
                    self._abort(key, upload["UploadId"])

    def list_files(self, prefix: str, pattern: str = "*") -> list[str]:
        paths = (file.path for file in self.files(prefix))
        return [path for path in paths if fnmatchcase(path.rpartition("/")[2], pattern)]

    def files(self, prefix: str) -> Iterator[StoredFile]:
        return (file for file in self._objects(prefix) if not file.path.endswith(_MARK))

    def remove_folder_marks(self, prefix: str) -> None:
        for mark in [file.path for file in self._objects(prefix) if file.path.endswith(_MARK)]:
            with named_failures("delete", self.uri(mark)):
                self._s3.delete_object(Bucket=self.bucket, Key=self._base + mark)

    def _objects(self, prefix: str) -> Iterator[StoredFile]:
        start = self._base + folder(prefix)
        with named_failures("list", self.uri(prefix)):
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start):
                for found in page.get("Contents", ()):
                    path = found["Key"].removeprefix(self._base)
                    yield StoredFile(path, found["Size"], found["LastModified"])

    def move(self, source: str, target: str) -> None:
        old, new = self._key(source), self._key(target)
        with named_failures(f"move to {self.uri(target)}", self.uri(source)):
            try:
                self._s3.copy({"Bucket": self.bucket, "Key": old}, self.bucket, new, Config=TRANSFER)
            except ClientError as error:
                if error_code(error) not in MISSING or self._head(new) is None:
                    raise
            self._s3.delete_object(Bucket=self.bucket, Key=old)

    def delete(self, *paths: str) -> None:
        for some in batched(paths, _KEYS_A_CALL):
            with named_failures("delete", self.uri(some[0])):
                keys: list[ObjectIdentifierTypeDef] = [{"Key": self._key(path)} for path in some]
                answer = self._s3.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise StoreError(
                    f"delete s3://{self.bucket}/{error['Key']}: {error.get('Code')}: {error.get('Message')}"
                )

    def uri(self, path: str = "") -> str:
        return f"s3://{self.bucket}/{self._base}{path}".rstrip("/")

    @property
    def storage_options(self) -> Mapping[str, str]:
        return storage_options(self.region)

    def _key(self, path: str) -> str:
        return checked(self._base + path)

    def _transfer(self, client: "S3Client", key: str, stream: BinaryIO, content_type: str) -> None:
        token = uuid4().hex
        try:
            extra = {"ContentType": content_type, "Metadata": {_UPLOAD: token}}
            client.upload_fileobj(stream, self.bucket, key, ExtraArgs=extra, Config=TRANSFER)
        except ClientError as error:
            # The reply to a success may have been lost: its repetition finds the upload gone, or the object there.
            found = self._head(key) if error_code(error) in {"NoSuchUpload", *TAKEN} else None
            if found is None or found[1] != token:
                raise

    def _head(self, key: str) -> tuple[int, str | None] | None:
        try:
            answer = self._s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error_code(error) in MISSING:
                return None
            raise
        return answer["ContentLength"], answer["Metadata"].get(_UPLOAD)

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            self._s3.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            if error_code(error) != "NoSuchUpload":
                raise


def _client(region: str | None) -> "S3Client":
    # A session of its own: boto3's default one must not be used by several threads at once.
    client = boto3.Session().client("s3", region_name=region, config=NO_RETRIES_BY_BOTOCORE)
    retry_requests(client)
    return client


def _never_replace(client: "S3Client") -> None:
    """Let S3 refuse to replace an object; s3transfer has no argument for it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """

    def only_if_new(params: dict[str, Any], **_: Any) -> None:
        params["IfNoneMatch"] = "*"

    for operation in ("PutObject", "CompleteMultipartUpload"):
        client.meta.events.register(f"provide-client-params.s3.{operation}", only_if_new)
