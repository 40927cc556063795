"""moto's S3 backend: one writer per object name at a time, and events as S3 sends them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from zlib import crc32

from moto.s3 import models
from moto.s3.exceptions import S3ClientError

from local_aws.s3.customer_keys import CustomerKey, check_part, check_read, given
from local_aws.s3.encryption import Encryption, changed_default, chosen, default_of
from local_aws.s3.events import announce_removal
from local_aws.s3.files import Body
from local_aws.s3.objects import StoredKey, StoredMultipart, checksum_of
from local_aws.s3.replication import Replicator
from local_aws.s3.replication.rules import enabled_rules

LOCKS = 256
_NO_VERSIONS = "Destination bucket must have versioning enabled."


class StoredS3Backend(models.S3Backend):  # type: ignore[misc]
    """S3 of one account. Changes of one object name are serialized, so that conditional writes are atomic.

    Attributes:
        replicator: Copies what is written to buckets that have rules.
        enforces_iam: Whether callers need a policy that allows what they ask for.
    """

    replicator: ClassVar[Replicator] = Replicator()
    enforces_iam: ClassVar[bool] = False
    _locks: ClassVar[list[threading.RLock]] = [threading.RLock() for _ in range(LOCKS)]

    @property
    def _url_module(self) -> Any:
        from local_aws.s3 import urls  # noqa: PLC0415 - urls imports the responses, which import this module

        return urls

    @contextmanager
    def writing(self, bucket_name: str, key_name: str) -> Iterator[None]:
        """Hold the right to change one object name (re-entrant)."""
        with self._locks[crc32(f"{bucket_name}/{key_name}".encode()) % LOCKS]:
            yield

    def put_object(self, bucket_name: str, key_name: str, value: Any, **options: Any) -> models.FakeKey:
        # moto announces a completed upload twice: as Put and as CompleteMultipartUpload.
        upload = options.get("multipart")
        if upload is not None:
            options["disable_notification"] = True
        with self.writing(bucket_name, key_name):
            bucket = self.get_bucket(bucket_name)
            encryption = upload.encryption if upload else chosen(bucket, options)
            self.use_key(encryption, "kms:Decrypt" if upload else "kms:GenerateDataKey", bucket, key_name)
            options |= encryption.options()
            if bucket.versioning_status != "Suspended":
                written = super().put_object(bucket_name, key_name, value, **options)
                written.seal = encryption.seal
                self.replicator.offer(self.account_id, bucket, written)
                return written
            # moto would drop the versions from before the suspension with the one that is replaced.
            versions = bucket.keys.getlist(key_name, [])
            dict.pop(bucket.keys, key_name, None)
            new = super().put_object(bucket_name, key_name, value, **options)
            new.seal = encryption.seal
            kept = [version for version in versions if version.version_id != "null"]
            dict.__setitem__(bucket.keys, key_name, [*kept, new])
        for version in versions:
            if version not in kept and isinstance(version, StoredKey):
                version.dispose()
        return new

    def use_key(self, encryption: Encryption, action: str, bucket: Any, name: str) -> None:
        """Use the key of an object; raises S3ClientError where key or caller may not."""
        encryption.use(action, bucket, name, enforced=self.enforces_iam)

    def read_key(self, version: Any, provided: CustomerKey | None) -> None:
        """Use the key of an object to read it, or that which a customer provides.

        Raises:
            S3ClientError: The key is not the object's, or key or caller may not.
        """
        check_read(version.seal, provided)
        self.use_key(
            Encryption.of(version), "kms:Decrypt", self.get_bucket(version.bucket_name), version.name
        )

    def create_multipart_upload(
        self,
        bucket_name: str,
        key_name: str,
        metadata: Any,
        storage_type: str,
        tags: dict[str, str],
        acl: Any,
        sse_encryption: str | None,
        kms_key_id: str | None,
    ) -> StoredMultipart:
        """Begin an upload, whose encryption is settled now."""
        bucket = self.get_bucket(bucket_name)
        encryption = chosen(bucket, {"encryption": sse_encryption, "kms_key_id": kms_key_id})
        self.use_key(encryption, "kms:GenerateDataKey", bucket, key_name)
        by = (encryption.algorithm, encryption.key_arn)
        upload: StoredMultipart = super().create_multipart_upload(
            bucket_name, key_name, metadata, storage_type, tags, acl, *by
        )
        upload.encryption = encryption
        return upload

    def upload_part(self, bucket_name: str, multipart_id: str, part_id: int, value: Any) -> models.FakeKey:
        bucket = self.get_bucket(bucket_name)
        upload = bucket.multiparts[multipart_id]
        check_part(upload.encryption.seal, given().own)
        self.use_key(upload.encryption, "kms:Decrypt", bucket, upload.key_name)
        return upload.set_part(part_id, value)

    def head_object(self, *arguments: Any, **named: Any) -> Any:
        """Find an object to tell of it; raises S3ClientError without the key that a customer provided."""
        found = super().head_object(*arguments, **named)
        if found is not None:
            check_read(found.seal, given().own)
        return found

    def get_object_attributes(self, key: Any, attributes_to_get: list[str]) -> Any:
        """Tell of an object; raises S3ClientError without the key that a customer provided."""
        check_read(key.seal, given().own)
        return super().get_object_attributes(key, attributes_to_get)

    def put_bucket_encryption(self, bucket_name: str, encryption: dict[str, Any]) -> None:
        rule = changed_default(self.get_bucket(bucket_name), encryption["Rule"])
        super().put_bucket_encryption(bucket_name, {"Rule": rule})

    def get_bucket_encryption(self, bucket_name: str) -> dict[str, Any]:
        """Every bucket has a default."""
        return {"Rule": default_of(self.get_bucket(bucket_name))}

    def copy_object(self, src_key: Any, dest_bucket_name: str, dest_key_name: str, **options: Any) -> None:
        """Copy by a second name of the same file; the copy is an object of one part, as on AWS."""
        source = src_key if isinstance(src_key, CopySource) else CopySource(src_key)
        self.read_key(source, given().source)
        with self.writing(dest_bucket_name, dest_key_name):
            super().copy_object(source, dest_bucket_name, dest_key_name, **options)

    def upload_part_copy(
        self,
        dest_bucket_name: str,
        multipart_id: str,
        part_id: int,
        src_bucket_name: str,
        src_key_name: str,
        src_version_id: str | None,
        start_byte: int | None,
        end_byte: int | None,
    ) -> models.FakeKey:
        source = self.get_object(src_bucket_name, src_key_name, version_id=src_version_id)
        if not isinstance(source, StoredKey):
            raise models.MissingKey(key=src_key_name)
        self.read_key(source, given().source)
        whole = start_byte is None or end_byte is None
        value = source.body if whole else source.body[start_byte : (end_byte or 0) + 1]
        return self.upload_part(dest_bucket_name, multipart_id, part_id, value)

    def delete_object(
        self, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        with self.writing(bucket_name, key_name):
            bucket = self.get_bucket(bucket_name)
            keys, suspended = bucket.keys, bucket.versioning_status == "Suspended"
            gone = _version(keys.getlist(key_name, []), version_id)
            if suspended and (version_id or any(_has_id(v) for v in keys.getlist(key_name, []))):
                done, meta = self._delete_suspended(keys, key_name, version_id)
            else:
                done, meta = super().delete_object(
                    bucket_name, key_name, version_id=version_id, bypass=bypass
                )
                if done and version_id is None and keys.getlist(key_name, []):
                    self.replicator.offer(self.account_id, bucket, keys[key_name])
            by_marker = version_id is None and "delete-marker" in meta
            if done and (by_marker or gone is not None):
                announce_removal(
                    self.account_id, bucket, keys[key_name] if by_marker else gone, by_marker=by_marker
                )
            StoredKey.files.changes += 1  # a delete marker or a removed one has no file that says so
            return done, meta

    def put_bucket_replication(self, bucket_name: str, replication: dict[str, Any]) -> None:
        """Keep the rules; raises S3ClientError where a destination is missing or keeps no versions."""
        super().put_bucket_replication(bucket_name, replication)
        for rule in enabled_rules(self.get_bucket(bucket_name)):
            destination = self.buckets.get(rule.destination)
            if destination is None or destination.versioning_status != "Enabled":
                self.delete_bucket_replication(bucket_name)
                reason = "Destination bucket must exist." if destination is None else _NO_VERSIONS
                raise S3ClientError("InvalidRequest", reason)

    def _delete_suspended(
        self, keys: Any, key_name: str, version_id: str | None
    ) -> tuple[bool, dict[str, Any]]:
        """Remove one version, or put a delete marker with the id ``null``, keeping older versions."""
        versions = keys.getlist(key_name, [])
        gone_id = version_id or "null"
        kept = [version for version in versions if version.version_id != gone_id]
        meta = {"version-id": gone_id}
        if version_id is None:
            marker = models.FakeDeleteMarker(key=versions[-1])
            marker._version_id = "null"
            kept = [*kept, marker]
            meta["delete-marker"] = "true"
        keys.setlist(key_name, kept)
        if not kept:
            dict.pop(keys, key_name, None)
        return True, meta

    def reset(self) -> None:
        """Delete every bucket (moto's own API); its files are released."""
        for bucket in self.buckets.values():
            for versions in dict.values(bucket.keys):
                for version in versions:
                    if isinstance(version, StoredKey):
                        version.dispose()
        super().reset()


def _version(versions: list[Any], version_id: str | None) -> Any:
    """The version of an id; without one the newest; None if there is none."""
    found = versions if version_id is None else [one for one in versions if one.version_id == version_id]
    return found[-1] if found else None


def _has_id(version: Any) -> bool:
    return bool(version.version_id != "null")


class CopySource:
    """A key as the source of a copy: its body is not read, and it has no parts."""

    multipart = None

    def __init__(self, key: StoredKey) -> None:
        self._key = key

    @property
    def value(self) -> Body:
        return self._key.body

    @property
    def checksum_value(self) -> str | None:
        """Of the whole object: what S3 made of the checksums of parts does not describe a copy, which has none.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
        """
        key = self._key
        value: str | None = key.checksum_value
        is_composite = value and key.checksum_type == "COMPOSITE"
        return checksum_of(key.body, key.checksum_algorithm) if is_composite else value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)
