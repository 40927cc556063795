"""How S3 says that an object is encrypted, and whether key and caller allow it. On disk nothing is encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from moto.s3.exceptions import S3ClientError

from local_aws.identity import permissions
from local_aws.identity.access import AccessRequest, current_request

S3_MANAGED = "AES256"
BY_KMS = ("aws:kms", "aws:kms:dsse")
AWS_MANAGED_KEY = "alias/aws/s3"
HEADER = "x-amz-server-side-encryption"
KEY_HEADER, BUCKET_KEY_HEADER = f"{HEADER}-aws-kms-key-id", f"{HEADER}-bucket-key-enabled"
_NAME = 5  # of an ARN's parts
_STATES = {
    "Disabled": ("KMS.DisabledException", "{} is disabled."),
    "PendingDeletion": ("KMS.KMSInvalidStateException", "{} is pending deletion."),
}


@dataclass(frozen=True)
class Encryption:
    """Of one object or upload.

    Attributes:
        algorithm: ``AES256``, ``aws:kms`` or ``aws:kms:dsse``.
        key_arn: Key of KMS; None without KMS.
        bucket_key: Whether S3 asks KMS with the bucket's own data key.
    """

    algorithm: str = S3_MANAGED
    key_arn: str | None = None
    bucket_key: bool = False

    @classmethod
    def of(cls, version: Any) -> Self:
        """Read that of an object as moto keeps it."""
        if version.encryption not in BY_KMS:
            return cls()
        return cls(version.encryption, version.kms_key_id, is_true(version.bucket_key_enabled))

    def headers(self) -> dict[str, str]:
        """What answers tell of it."""
        told = {HEADER: self.algorithm}
        if self.key_arn:
            told[KEY_HEADER] = self.key_arn
        return told | ({BUCKET_KEY_HEADER: "true"} if self.bucket_key else {})

    def options(self) -> dict[str, str | None]:
        """The same, as moto's backend takes it."""
        bucket_key = str(self.bucket_key).lower()
        return {"encryption": self.algorithm, "kms_key_id": self.key_arn, "bucket_key_enabled": bucket_key}

    def use(self, action: str, bucket: Any, name: str, *, enforced: bool) -> None:
        """Use the key for an object, if there is one.

        Args:
            action: ``kms:GenerateDataKey`` to write, ``kms:Decrypt`` to read.
            bucket: Of the object.
            name: Of the object.
            enforced: Whether the caller needs a policy that allows it.

        Raises:
            S3ClientError: The key does not exist or is disabled, or the caller may not use it.
        """
        if self.key_arn is None:
            return
        key = _key(self.key_arn, bucket)
        if key.key_state in _STATES:
            code, message = _STATES[key.key_state]
            raise S3ClientError(code, message.format(key.arn))
        caller = current_request()
        # The policy of the key that AWS manages lets everybody who may use S3 use it by way of S3.
        if not enforced or caller is None or AWS_MANAGED_KEY in key.aliases:
            return
        keys = {
            "kms:viaservice": [f"s3.{bucket.region_name}.amazonaws.com"],
            "kms:encryptioncontext:aws:s3:arn": [bucket.arn if self.bucket_key else f"{bucket.arn}/{name}"],
        }
        request = AccessRequest(action, caller.principal, caller.keys | keys)
        if not permissions.may(request, key.arn):
            raise S3ClientError(
                "AccessDenied",
                f"User: {caller.principal.arn or 'anonymous'} is not authorized to perform: {action} on resource: "
                f"{key.arn} because no identity-based policy allows the {action} action",
            )


def default_of(bucket: Any) -> dict[str, Any]:
    """The rule of a bucket by which new objects are encrypted; SSE-S3 unless the bucket has another."""
    rule: dict[str, Any] = (bucket.encryption or {}).get("Rule") or {}
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": S3_MANAGED}, **rule}


def chosen(bucket: Any, asked: Mapping[str, Any]) -> Encryption:
    """The encryption of a new object: what the request asks for, else the bucket's default.

    Args:
        bucket: Of the object.
        asked: ``encryption``, ``kms_key_id`` and ``bucket_key_enabled`` of the request, each as far as given.

    Raises:
        S3ClientError: The request is none that S3 accepts, or its key does not exist.
    """
    rule = default_of(bucket)
    algorithm, key_id = asked.get("encryption"), asked.get("kms_key_id")
    if key_id and algorithm not in BY_KMS:
        raise S3ClientError(
            "InvalidArgument",
            f"Server Side Encryption with AWS KMS managed key requires HTTP header {HEADER} : aws:kms",
        )
    if algorithm is None:
        applied = rule["ApplyServerSideEncryptionByDefault"]
        algorithm, key_id = applied["SSEAlgorithm"], applied.get("KMSMasterKeyID")
    if algorithm == S3_MANAGED:
        return Encryption()
    if algorithm not in BY_KMS:
        raise S3ClientError("InvalidArgument", "The encryption method specified is not supported")
    bucket_key = asked.get("bucket_key_enabled") or rule.get("BucketKeyEnabled")
    arn = str(_key(key_id or AWS_MANAGED_KEY, bucket).arn)
    return Encryption(algorithm, arn, is_true(bucket_key) and algorithm == "aws:kms")


def is_true(value: Any) -> bool:
    """Whether a boolean of a header or of XML is set."""
    return str(value).lower() == "true"


def _key(key_id: str, bucket: Any) -> Any:
    """A key by id, alias or ARN."""
    from moto.kms.models import kms_backends  # noqa: PLC0415 - takes a third of a second, which only users wait for

    kind = "" if key_id.startswith("alias/") else "key/"
    arn = key_id if key_id.startswith("arn:") else f"{_kms_of(bucket)}:{kind}{key_id}"
    if not arn.startswith(f"{_kms_of(bucket)}:"):
        raise S3ClientError("KMS.NotFoundException", f"Invalid arn {arn.split(':')[3]}")
    name = arn.split(":", _NAME)[_NAME]
    backend = kms_backends[bucket.account_id][bucket.region_name]
    is_alias = name.startswith("alias/")
    found_id = backend.get_key_id_from_alias(name) if is_alias else name.removeprefix("key/")
    found = backend.keys.get(found_id)
    if found is None:
        message = f"Alias {arn} is not found." if is_alias else f"Key '{arn}' does not exist"
        raise S3ClientError("KMS.NotFoundException", message)
    return found


def _kms_of(bucket: Any) -> str:
    return f"arn:{bucket.partition}:kms:{bucket.region_name}:{bucket.account_id}"
