"""Keys of KMS on objects: told, defaulted, and refused when they cannot be used."""

import io
import json
import os

import pytest
from botocore.exceptions import ClientError

BY_KMS = "aws:kms"
KEY = "arn:aws:kms:us-east-1:123456789012:key/"


@pytest.fixture
def kms(storage):
    return storage.client("kms")


@pytest.fixture
def key(kms):
    """ARN of a new key."""
    return kms.create_key()["KeyMetadata"]["Arn"]


def encrypt_by_default(s3, bucket, key, *, bucket_key=True):
    applied = {"SSEAlgorithm": BY_KMS, "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": applied, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def told(answer):
    return tuple(answer.get(name) for name in ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"))


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


@pytest.mark.conforms(
    "s3:PutObject",
    "AmazonS3/latest/API/API_PutObject.html",
    "Amazon S3 encrypts data with server-side encryption by using Amazon S3 managed keys (SSE-S3) by default.",
    differs="answers say so; on the disk of the laptop nothing is encrypted",
)
def test_every_object_says_that_s3_encrypts_it(s3, bucket):
    assert told(s3.put_object(Bucket=bucket, Key="k", Body=b"v")) == ("AES256", None, None)
    assert told(s3.head_object(Bucket=bucket, Key="k")) == ("AES256", None, None)
    assert told(s3.get_object(Bucket=bucket, Key="k")) == ("AES256", None, None)


@pytest.mark.conforms(
    "s3:GetBucketEncryption",
    "AmazonS3/latest/API/API_GetBucketEncryption.html",
    "By default, all buckets have a default encryption configuration that uses server-side encryption with Amazon S3 "
    "managed keys (SSE-S3).",
)
def test_every_bucket_has_a_default(s3, bucket, key):
    standard = [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
            "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
        }
    ]
    configured = lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]  # noqa: E731
    assert configured()["Rules"] == standard
    encrypt_by_default(s3, bucket, key)
    assert configured()["Rules"] != standard
    s3.delete_bucket_encryption(Bucket=bucket)
    assert configured()["Rules"] == standard


@pytest.mark.conforms(
    "s3:GetObject",
    "AmazonS3/latest/API/API_GetObject.html",
    "If present, indicates the ID of the KMS key that was used for object encryption.",
)
@pytest.mark.parametrize("named_by", ["arn", "id", "alias"])
def test_a_key_is_told_by_its_arn_however_it_was_named(s3, bucket, kms, key, named_by):
    alias = f"alias/{bucket}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    name = {"arn": key, "id": key.removeprefix(KEY), "alias": alias}[named_by]
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"v", ServerSideEncryption=BY_KMS, SSEKMSKeyId=name)
    kms.delete_alias(AliasName=alias)
    assert told(put) == (BY_KMS, key, None)
    assert told(s3.head_object(Bucket=bucket, Key="k")) == (BY_KMS, key, None)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (told(got), got["Body"].read()) == ((BY_KMS, key, None), b"v")


@pytest.mark.conforms(
    "s3:PutObject",
    "AmazonS3/latest/API/API_PutObject.html",
    "If you specify x-amz-server-side-encryption:aws:kms or x-amz-server-side-encryption:aws:kms:dsse, but do not "
    "provide x-amz-server-side-encryption-aws-kms-key-id, Amazon S3 uses the Amazon Web Services managed key (aws/s3) "
    "to protect the data.",
)
@pytest.mark.parametrize("algorithm", [BY_KMS, "aws:kms:dsse"])
def test_without_a_key_that_of_s3_is_used(s3, bucket, kms, algorithm):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"v", ServerSideEncryption=algorithm)
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert told(put) == (algorithm, managed, None)


@pytest.mark.conforms(
    "s3:PutBucketEncryption",
    "AmazonS3/latest/API/API_PutBucketEncryption.html",
    "This operation configures default encryption and Amazon S3 Bucket Keys for an existing bucket.",
)
def test_the_default_of_a_bucket_concerns_new_objects(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key="before", Body=b"v")
    encrypt_by_default(s3, bucket, key)
    assert told(s3.head_object(Bucket=bucket, Key="before")) == ("AES256", None, None)
    assert told(s3.put_object(Bucket=bucket, Key="k", Body=b"v")) == (BY_KMS, key, True)
    assert told(s3.head_object(Bucket=bucket, Key="k")) == (BY_KMS, key, True)
    explicit = s3.put_object(Bucket=bucket, Key="own", Body=b"v", ServerSideEncryption="AES256")
    assert told(explicit) == ("AES256", None, None)
    without = s3.put_object(Bucket=bucket, Key="k", Body=b"v", BucketKeyEnabled=False)
    assert told(without) == (BY_KMS, key, None)


@pytest.mark.conforms(
    "s3:CreateMultipartUpload",
    "AmazonS3/latest/API/API_CreateMultipartUpload.html",
    "If the destination bucket has a default encryption configuration that uses server-side encryption with an Key "
    "Management Service (KMS) key (SSE-KMS), or a customer-provided encryption key (SSE-C), Amazon S3 uses the "
    "corresponding KMS key, or a customer-provided key to encrypt the uploaded parts.",
)
def test_an_upload_in_parts_has_the_encryption_of_its_begin(s3, bucket, key):
    encrypt_by_default(s3, bucket, key)
    begun = s3.create_multipart_upload(Bucket=bucket, Key="k")
    assert told(begun) == (BY_KMS, key, True)
    s3.delete_bucket_encryption(Bucket=bucket)
    upload = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"v")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    assert told(s3.complete_multipart_upload(**upload, MultipartUpload=parts)) == (BY_KMS, key, True)
    assert told(s3.head_object(Bucket=bucket, Key="k")) == (BY_KMS, key, True)


def test_an_upload_in_parts_may_name_its_key(s3, bucket, key):
    asked = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": key.removeprefix(KEY), "BucketKeyEnabled": True}
    assert told(s3.create_multipart_upload(Bucket=bucket, Key="k", **asked)) == (BY_KMS, key, True)
    del asked["BucketKeyEnabled"]
    s3.upload_fileobj(io.BytesIO(os.urandom(9_000_000)), bucket, "k", ExtraArgs=asked)
    assert told(s3.head_object(Bucket=bucket, Key="k")) == (BY_KMS, key, None)


@pytest.mark.conforms(
    "s3:CopyObject",
    "AmazonS3/latest/API/API_CopyObject.html",
    "When you perform a CopyObject operation, if you want to use a different type of encryption setting for the target "
    "object, you can specify appropriate encryption-related headers to encrypt the target object with an Amazon S3 "
    "managed key, a KMS key, or a customer-provided key.",
)
def test_a_copy_has_an_encryption_of_its_own(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v", ServerSideEncryption=BY_KMS, SSEKMSKeyId=key)
    source = {"Bucket": bucket, "CopySource": f"{bucket}/k"}
    assert told(s3.copy_object(**source, Key="plain")) == ("AES256", None, None)
    asked = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": key, "BucketKeyEnabled": True}
    assert told(s3.copy_object(**source, Key="own", **asked)) == (BY_KMS, key, True)
    assert told(s3.head_object(Bucket=bucket, Key="own")) == (BY_KMS, key, True)


def test_a_key_that_does_not_exist_is_refused(s3, bucket):
    missing = f"{KEY}00000000-0000-0000-0000-000000000000"
    by = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": missing}
    expected = (400, "KMS.NotFoundException", f"Key '{missing}' does not exist")
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"v", **by) == expected
    assert refused(s3.create_multipart_upload, Bucket=bucket, Key="k", **by) == expected
    s3.put_object(Bucket=bucket, Key="source", Body=b"v")
    copy = {"Bucket": bucket, "Key": "k", "CopySource": f"{bucket}/source"}
    assert refused(s3.copy_object, **copy, **by) == expected
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["source"]


@pytest.mark.conforms(
    "s3:PutBucketEncryption",
    "AmazonS3/latest/API/API_PutBucketEncryption.html",
    "Amazon S3 doesn't validate the KMS key ID provided in PutBucketEncryption requests.",
)
def test_a_default_key_that_does_not_exist_is_refused_at_the_first_object(s3, bucket):
    encrypt_by_default(s3, bucket, f"{KEY}none")
    status, code, _ = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"v")
    assert (status, code) == (400, "KMS.NotFoundException")


def test_a_key_of_another_region_is_not_found(s3, bucket):
    elsewhere = KEY.replace("us-east-1", "eu-west-1") + "none"
    by = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": elsewhere}
    answer = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"v", **by)
    assert answer == (400, "KMS.NotFoundException", "Invalid arn eu-west-1")


@pytest.mark.conforms(
    "kms:DisableKey",
    "kms/latest/APIReference/API_DisableKey.html",
    "Sets the state of a KMS key to disabled. This change temporarily prevents use of the KMS key for cryptographic "
    "operations.",
)
def test_while_a_key_is_disabled_nothing_is_read_or_written(s3, bucket, kms, key):
    by = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": key}
    s3.put_object(Bucket=bucket, Key="k", Body=b"v", **by)
    kms.disable_key(KeyId=key.removeprefix(KEY))
    expected = (400, "KMS.DisabledException", f"{key} is disabled.")
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"new", **by) == expected
    assert refused(s3.get_object, Bucket=bucket, Key="k") == expected
    assert refused(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/k") == expected
    assert told(s3.head_object(Bucket=bucket, Key="k")) == (BY_KMS, key, None)
    kms.enable_key(KeyId=key.removeprefix(KEY))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"v"


def test_a_key_that_will_be_deleted_is_refused(s3, bucket, kms, key):
    kms.schedule_key_deletion(KeyId=key.removeprefix(KEY), PendingWindowInDays=7)
    by = {"ServerSideEncryption": BY_KMS, "SSEKMSKeyId": key}
    answer = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"v", **by)
    assert answer == (400, "KMS.KMSInvalidStateException", f"{key} is pending deletion.")


def test_a_key_needs_an_algorithm_that_uses_it(s3, bucket, key):
    status, code, message = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"v", SSEKMSKeyId=key)
    assert (status, code) == (400, "InvalidArgument")
    assert "requires HTTP header x-amz-server-side-encryption : aws:kms" in message


def test_a_policy_may_insist_on_the_encryption_that_requests_ask_for(s3, bucket, key):
    resource = {"Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    header = "s3:x-amz-server-side-encryption"
    other = {header: BY_KMS}, {f"{header}-aws-kms-key-id": key}
    denials = [{"Effect": "Deny", **resource, "Condition": {"StringNotEquals": one}} for one in other]
    policy = {"Version": "2012-10-17", "Statement": denials}
    encrypt_by_default(s3, bucket, key)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    put = {"Bucket": bucket, "Key": "k", "Body": b"v"}
    # What a bucket does by default is not what the request says.
    assert refused(s3.put_object, **put)[:2] == (403, "AccessDenied")
    assert refused(s3.put_object, **put, ServerSideEncryption="AES256")[:2] == (403, "AccessDenied")
    assert refused(s3.put_object, **put, ServerSideEncryption=BY_KMS)[:2] == (403, "AccessDenied")
    right = s3.put_object(**put, ServerSideEncryption=BY_KMS, SSEKMSKeyId=key)
    assert told(right) == (BY_KMS, key, True)


def test_objects_and_their_keys_survive_a_restart_together(lone_server):
    s3, kms = lone_server.client("s3"), lone_server.client("kms")
    key = kms.create_key(Description="lake")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/lake", TargetKeyId=key)
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"v", ServerSideEncryption=BY_KMS, SSEKMSKeyId="alias/lake")
    lone_server.stop()
    lone_server.start()
    s3, kms = lone_server.client("s3"), lone_server.client("kms")
    got = s3.get_object(Bucket="lake", Key="k")
    assert (told(got), got["Body"].read()) == ((BY_KMS, key, None), b"v")
    assert kms.describe_key(KeyId="alias/lake")["KeyMetadata"]["Description"] == "lake"
    sealed = kms.encrypt(KeyId="alias/lake", Plaintext=b"v")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"v"
