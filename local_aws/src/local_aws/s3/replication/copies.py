"""What arrives in the destination: the same version, with its id, its time and its metadata."""

from typing import Any

from moto.s3 import models

from local_aws.s3.objects import StoredKey
from local_aws.s3.replication.rules import ReplicationRule

REPLICA = "REPLICA"


def add_copy(backend: Any, destination: Any, version: StoredKey, rule: ReplicationRule) -> None:
    """Put a copy into the destination, unless it is there."""
    if _is_there(destination, version):
        return
    # Not our own put_object: a replica is not replicated again.
    copy = models.S3Backend.put_object(
        backend,
        destination.name,
        version.name,
        version.body,
        storage=rule.storage_class or version.storage_class,
        etag=version.etag.strip('"'),
        multipart=version.multipart,
        encryption="aws:kms" if rule.kms_key_id else version.encryption,
        kms_key_id=rule.kms_key_id,
        checksum_value=version.checksum_value,
    )
    copy.checksum_algorithm = version.checksum_algorithm
    copy.checksum_type, copy.checksum_parts = version.checksum_type, version.checksum_parts
    copy.seal = version.seal
    copy.set_metadata(version.metadata)
    copy._version_id, copy.last_modified = version.version_id, version.last_modified
    backend.tagger.copy_tags(version.arn, copy.arn)
    copy.replication_status = REPLICA
    _in_order_of_creation(destination, version.name)


def add_delete_marker(destination: Any, marker: Any) -> None:
    """Delete the object in the destination too, if the destination ever had it."""
    versions = destination.keys.getlist(marker.name, [])
    if not versions or _is_there(destination, marker):
        return
    copy = models.FakeDeleteMarker(key=versions[-1])
    copy._version_id, copy.last_modified = marker.version_id, marker.last_modified
    destination.keys.setlist(marker.name, [*versions, copy])
    _in_order_of_creation(destination, marker.name)


def _is_there(destination: Any, version: Any) -> bool:
    return any(one.version_id == version.version_id for one in destination.keys.getlist(version.name, []))


def _in_order_of_creation(destination: Any, name: str) -> None:
    """Versions that arrive late do not become the newest: copies keep the time at which they were created.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
    """
    versions = destination.keys.getlist(name)
    destination.keys.setlist(name, sorted(versions, key=lambda version: version.last_modified))
