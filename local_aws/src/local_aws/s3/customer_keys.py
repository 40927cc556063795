"""Keys that customers provide (SSE-C): asked for with every read, kept by nobody.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
The page words no error; each message here was found in answers of S3.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

from moto.s3.exceptions import S3ClientError

ALGORITHM = "AES256"
KEY_BYTES = 32
PREFIX = "x-amz-server-side-encryption-customer"
SOURCE_PREFIX = "x-amz-copy-source-server-side-encryption-customer"
ALGORITHM_HEADER, MD5_HEADER = f"{PREFIX}-algorithm", f"{PREFIX}-key-MD5"
_SALT_BYTES = 16
_ASKING = "Requests specifying Server Side Encryption with Customer provided keys must provide"


@dataclass(frozen=True)
class CustomerKey:
    """A key of one request; ``md5`` is base64."""

    key: bytes
    md5: str

    @classmethod
    def of(cls, headers: Mapping[str, str], prefix: str) -> Self | None:
        """Read the headers of a request that begin with ``prefix``.

        Raises:
            S3ClientError: They are not complete, or do not fit each other.
        """
        algorithm, key, md5 = (headers.get(f"{prefix}-{name}") for name in ("algorithm", "key", "key-MD5"))
        if not (algorithm or key or md5):
            return None
        if not algorithm:
            raise S3ClientError("InvalidArgument", f"{_ASKING} a valid encryption algorithm.")
        if algorithm != ALGORITHM:
            raise S3ClientError(
                "InvalidEncryptionAlgorithmError",
                f"The Encryption request you specified is not valid. Supported value: {ALGORITHM}.",
            )
        if not key:
            raise S3ClientError("InvalidArgument", f"{_ASKING} an appropriate secret key.")
        return cls(_decoded(key, md5), md5 or "")


def _decoded(key: str, md5: str | None) -> bytes:
    try:
        value = base64.b64decode(key, validate=True)
    except binascii.Error:
        value = b""
    if md5 != base64.b64encode(hashlib.md5(value, usedforsecurity=False).digest()).decode():
        raise S3ClientError(
            "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided."
        )
    if len(value) != KEY_BYTES:
        raise S3ClientError("InvalidArgument", "The secret key was invalid for the specified algorithm.")
    return value


@dataclass(frozen=True)
class Seal:
    """What is kept of a key: enough to know it again, and not to tell it."""

    salt: bytes
    digest: bytes

    @classmethod
    def by(cls, key: CustomerKey) -> Self:
        """Seal an object with a key."""
        salt = os.urandom(_SALT_BYTES)
        return cls(salt, _digest(salt, key))

    def fits(self, key: CustomerKey) -> bool:
        return hmac.compare_digest(self.digest, _digest(self.salt, key))


def _digest(salt: bytes, key: CustomerKey) -> bytes:
    return hmac.digest(salt, key.key, "sha256")


@dataclass(frozen=True)
class Given:
    """The keys that a request carries: for its object, and for the one that it copies."""

    own: CustomerKey | None = None
    source: CustomerKey | None = None


_NONE = Given()
_GIVEN: ContextVar[Given] = ContextVar("customer_keys", default=_NONE)


@contextmanager
def serving(headers: Mapping[str, str]) -> Iterator[None]:
    """Make the keys of a request those of this thread; raises S3ClientError where they are none."""
    token = _GIVEN.set(Given(CustomerKey.of(headers, PREFIX), CustomerKey.of(headers, SOURCE_PREFIX)))
    try:
        yield
    finally:
        _GIVEN.reset(token)


def given() -> Given:
    """The keys of the request that this thread serves."""
    return _GIVEN.get()


def check_read(seal: Seal | None, key: CustomerKey | None) -> None:
    """Check that a request has the key of what it reads.

    Raises:
        S3ClientError: It has none, another, or one for an object that needs none.
    """
    if seal is None:
        if key is not None:
            raise S3ClientError(
                "InvalidRequest", "The encryption parameters are not applicable to this object."
            )
        return
    if key is None:
        raise S3ClientError(
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. "
            "The correct parameters must be provided to retrieve the object.",
        )
    if not seal.fits(key):
        raise S3ClientError("AccessDenied", f"{_ASKING} the correct secret key.")


def check_part(seal: Seal | None, key: CustomerKey | None) -> None:
    """Check that a part comes with the key that its upload began with; raises S3ClientError if not."""
    if (seal is None) != (key is None):
        raise S3ClientError(
            "InvalidRequest",
            "The multipart upload initiate requested encryption. "
            "Subsequent part requests must include the appropriate encryption parameters.",
        )
    if seal and key and not seal.fits(key):
        raise S3ClientError(
            "InvalidRequest", "The provided encryption parameters did not match the ones used originally."
        )
