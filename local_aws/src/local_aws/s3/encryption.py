"""How S3 says that an object is encrypted, and whether key and caller allow it. On disk nothing is encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from moto.s3.exceptions import S3ClientError

from local_aws.identity import key_policies
from local_aws.identity.access import AccessRequest, current_request
from local_aws.identity.conditions import as_list
from local_aws.s3 import customer_keys
from local_aws.s3.customer_keys import Seal

S3_MANAGED = "AES256"
BY_KMS = ("aws:kms", "aws:kms:dsse")
BY_CUSTOMERS = "SSE-C"
AWS_MANAGED_KEY = "alias/aws/s3"
HEADER = "x-amz-server-side-encryption"
KEY_HEADER, BUCKET_KEY_HEADER = f"{HEADER}-aws-kms-key-id", f"{HEADER}-bucket-key-enabled"
_STANDARD = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": S3_MANAGED},
    "BlockedEncryptionTypes": {"EncryptionType": BY_CUSTOMERS},
}
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
        seal: Of the customer's own key; None without one.
    """

    algorithm: str = S3_MANAGED
    key_arn: str | None = None
    bucket_key: bool = False
    seal: Seal | None = None

    @classmethod
    def of(cls, version: Any) -> Self:
        """Read that of an object as moto keeps it."""
        if version.encryption not in BY_KMS:
            return cls(seal=version.seal)
        return cls(version.encryption, version.kms_key_id, is_true(version.bucket_key_enabled))

    def headers(self) -> dict[str, str]:
        """What answers tell of it."""
        if self.seal:
            key = customer_keys.given().own
            told = {customer_keys.ALGORITHM_HEADER: self.algorithm}
            return told | {customer_keys.MD5_HEADER: key.md5} if key else {}
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
        if refusal := key_policies.refusal(request, key):
            raise S3ClientError("AccessDenied", refusal)


def default_of(bucket: Any) -> dict[str, Any]:
    """The rule of a bucket by which new objects are encrypted; SSE-S3 alone unless the bucket has another."""
    rule: dict[str, Any] = (bucket.encryption or {}).get("Rule") or {}
    return {**_STANDARD, **rule}


def changed_default(bucket: Any, rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that a bucket gets: what it blocks stays blocked where the new one does not speak of it."""
    return {**_STANDARD, "BlockedEncryptionTypes": default_of(bucket)["BlockedEncryptionTypes"], **rule}


def blocked_by(rule: Mapping[str, Any]) -> list[str]:
    """The encryption that a bucket's rule refuses: ``SSE-C``, or ``NONE``."""
    return as_list(rule["BlockedEncryptionTypes"]["EncryptionType"])


def takes(bucket: Any, seal: Seal | None) -> bool:
    """Whether a bucket lets an object in that a customer's key seals, or one that none does."""
    return seal is None or BY_CUSTOMERS not in blocked_by(default_of(bucket))


def chosen(bucket: Any, asked: Mapping[str, Any]) -> Encryption:
    """The encryption of a new object: what the request asks for, else the bucket's default.

    Args:
        bucket: Of the object.
        asked: ``encryption``, ``kms_key_id`` and ``bucket_key_enabled`` of the request, each as far as given.

    Raises:
        S3ClientError: The request is none that S3 accepts, or its key does not exist.
    """
    rule = default_of(bucket)
    if key := customer_keys.given().own:
        return _sealed(key, bucket, asked)
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


def _sealed(key: customer_keys.CustomerKey, bucket: Any, asked: Mapping[str, Any]) -> Encryption:
    if asked.get("encryption"):
        raise S3ClientError(
            "InvalidArgument",
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
        )
    seal = Seal.by(key)
    if not takes(bucket, seal):
        caller = current_request()
        raise S3ClientError(
            "AccessDenied",
            f"User: {caller.principal.arn if caller else ''} is not authorized to perform: s3:PutObject on resource: "
            f'"{bucket.arn}" because this bucket has blocked upload requests that specify Server Side Encryption '
            "with Customer provided keys (SSE-C). Please specify a different server-side encryption type",
        )
    return Encryption(seal=seal)


def is_true(value: Any) -> bool:
    """Whether a boolean of a header or of XML is set."""
    return str(value).lower() == "true"


def _key(key_id: str, bucket: Any) -> Any:
    """A key by id, alias or ARN."""
    is_alias = "alias/" in key_id
    kind = "" if is_alias else "key/"
    arn = key_id if key_id.startswith("arn:") else f"{_kms_of(bucket)}:{kind}{key_id}"
    if not arn.startswith(f"{_kms_of(bucket)}:"):
        raise S3ClientError("KMS.NotFoundException", f"Invalid arn {arn.split(':')[3]}")
    found = key_policies.key_named(arn, bucket.account_id, bucket.region_name)
    if found is None:
        message = f"Alias {arn} is not found." if is_alias else f"Key '{arn}' does not exist"
        raise S3ClientError("KMS.NotFoundException", message)
    return found


def _kms_of(bucket: Any) -> str:
    return f"arn:{bucket.partition}:kms:{bucket.region_name}:{bucket.account_id}"
