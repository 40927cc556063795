"""moto's keys, multipart uploads and buckets with bodies in files and policies that are evaluated."""

import mmap
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML
from moto.s3.utils import compute_checksum
from moto.utilities.utils import md5_hash

from local_aws.identity.access import current_request
from local_aws.identity.policy import Decision, allows_service, decide
from local_aws.s3.customer_keys import Seal
from local_aws.s3.encryption import HEADER, Encryption
from local_aws.s3.files import Body, ObjectFiles, StoredFile


class StoredKey(models.FakeKey):  # type: ignore[misc]
    """One version of an object; its body is a file of :attr:`files`, released by :meth:`dispose`."""

    files: ClassVar[ObjectFiles]
    file: str | None = None
    replication_status: str | None = None
    seal: Seal | None = None
    _etag: str | None
    disposed: bool

    def __init__(self, name: str, value: Any, account_id: str, region_name: str, **options: Any) -> None:
        super().__init__(name, value, account_id, region_name, **options)
        del self._value_buffer  # moto's own place for the body

    @property
    def body(self) -> Body:
        if self.file is None:
            raise ValueError(f"The body of {self.bucket_name}/{self.name} was already deleted")
        return Body(self.files.path(self.file), self.contentsize)

    @property
    def value(self) -> bytes:
        return self.body[:]

    @value.setter
    def value(self, new: bytes | str | Body | StoredFile) -> None:
        stored = self._store(new)
        if self.file is not None:
            self.files.release(self.file)
        self.file, self.contentsize = stored.id, stored.size
        self._etag = self._etag or stored.md5

    def _store(self, new: bytes | str | Body | StoredFile) -> StoredFile:
        if isinstance(new, StoredFile):
            return new
        if isinstance(new, Body):
            return self.files.link(new, None)
        return self.files.write([new.encode() if isinstance(new, str) else new])

    @property
    def response_dict(self) -> dict[str, Any]:
        shown = {name: value for name, value in super().response_dict.items() if not name.startswith(HEADER)}
        status = {"x-amz-replication-status": self.replication_status} if self.replication_status else {}
        return {**shown, **Encryption.of(self).headers(), **status}

    @property
    def etag(self) -> str:
        return f'"{self._etag}"'

    def dispose(self, garbage: bool = False) -> None:
        if not self.disposed and not garbage and self.file is not None:
            self.files.release(self.file)
            self.disposed = True

    def __del__(self) -> None:
        """Keep the file: copies of a key share it, and only :meth:`dispose` releases it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.Lock()


class StoredMultipart(models.FakeMultipart):  # type: ignore[misc]
    """A multipart upload that is put together on disk, whatever its size.

    Attributes:
        initiated: When it began, for the rules that abort old ones.
        encryption: Of the object that it becomes.
    """

    encryption = Encryption()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.initiated = datetime.now(UTC)

    def complete(
        self, body: Iterator[tuple[int, str]]
    ) -> tuple[StoredFile, str, tuple[str, str, int] | None]:
        """Join the listed parts; returns the file, the ETag and the checksum that was asked for, if any.

        Raises:
            InvalidPart: A part was not uploaded, or has another ETag.
            EntityTooSmall: A part other than the last is smaller than S3 allows.
            MalformedXML: No part is listed.
        """
        parts = [self._part(number, etag) for number, etag in body]
        if not parts:
            raise MalformedXML
        if any(part.contentsize < models.S3_UPLOAD_PART_MIN_SIZE for part in parts[:-1]):
            raise EntityTooSmall
        digest = md5_hash()
        digest.update(b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts))
        file = StoredKey.files.write(chunk for part in parts for chunk in part.body)
        return file, f"{digest.hexdigest()}-{len(parts)}", self._checksum(parts, file)

    def _part(self, number: int, etag: str) -> StoredKey:
        part = self.parts.get(number)
        if not isinstance(part, StoredKey) or part.etag.strip('"') != etag.strip('"'):
            raise InvalidPart
        return part

    def _checksum(self, parts: list[StoredKey], file: StoredFile) -> tuple[str, str, int] | None:
        algorithm = self.metadata.get("x-amz-checksum-algorithm")
        if not algorithm:
            return None
        default = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
        kind = self.metadata.get("x-amz-checksum-type") or default
        if kind == "COMPOSITE":
            each = b"".join(compute_checksum(part.value, algorithm, encode_base64=False) for part in parts)
            return kind, compute_checksum(each, algorithm).decode(), len(parts)
        return kind, checksum_of(Body(StoredKey.files.path(file.id), file.size), algorithm), 1


def checksum_of(body: Body, algorithm: str) -> str:
    """The checksum of a whole body, base64."""
    if len(body) == 0:
        return str(compute_checksum(b"", algorithm).decode())
    with (
        body.path.open("rb") as handle,
        mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return str(compute_checksum(content, algorithm).decode())


class StoredBucket(models.FakeBucket):  # type: ignore[misc]
    """A bucket whose policy is evaluated with its principals and conditions."""

    @staticmethod
    def _log_permissions_enabled_policy(target_bucket: Any, target_prefix: str | None) -> bool:
        """Moto's own fails on a statement for everybody."""
        log = f"{target_bucket.arn}/{target_prefix or ''}log"
        policy = target_bucket.policy
        return policy is not None and allows_service(policy, "logging.s3.amazonaws.com", "s3:PutObject", log)

    def get_permission(self, action: str, resource: str) -> Any:
        """Answer moto's own look-ups, for the request that this thread serves.

        Calls from inside the process (Athena writing a result) have no request and are not restricted.
        """
        from moto.iam.access_control import PermissionResult  # noqa: PLC0415 - moto loads IAM on demand

        request = current_request()
        if self.policy is None or request is None:
            return PermissionResult.NEUTRAL
        asked = action if action == "s3:DeleteObject" else request.action
        decision = decide(self.policy, asked, resource, request)
        return {
            Decision.ALLOW: PermissionResult.PERMITTED,
            Decision.DELEGATED: PermissionResult.PERMITTED,
            Decision.DENY: PermissionResult.DENIED,
            Decision.NEUTRAL: PermissionResult.NEUTRAL,
        }[decision]
