"""Put our S3 in the place of moto's."""

from moto.s3 import models, notifications

from local_aws.config import Config
from local_aws.s3.backend import StoredS3Backend
from local_aws.s3.events import announce, invoke_function, s3_event, to_event_bridge
from local_aws.s3.files import ObjectFiles
from local_aws.s3.objects import StoredBucket, StoredKey, StoredMultipart
from local_aws.s3.replication import Replicator


def install(config: Config) -> tuple[ObjectFiles, Replicator]:
    """Make moto build our keys, uploads, buckets and backend; returns the store of bodies, and what replicates them.

    moto names its classes as globals of one module, so that replacing those globals before the first
    request extends it without touching a file of it.
    """
    StoredKey.files = ObjectFiles(config.state_dir / "objects")
    models.FakeKey = StoredKey
    models.FakeMultipart = StoredMultipart
    models.FakeBucket = StoredBucket
    models.s3_backends.backend = StoredS3Backend
    StoredS3Backend.enforces_iam = config.enforce_iam
    notifications._get_s3_event = s3_event
    notifications.send_event = announce
    notifications._send_event_bridge_message = to_event_bridge
    notifications._invoke_awslambda = invoke_function
    return StoredKey.files, StoredS3Backend.replicator
