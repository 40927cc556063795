"""Keys that customers provide: without the right one nothing is read, and none is kept."""

import base64
import hashlib
import json
import os
import time

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.s3.replication import replica_of, replicate

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
PART_BYTES = 5 << 20
WAIT_SECONDS = 20
NEEDED = (
    "The object was stored using a form of Server Side Encryption. "
    "The correct parameters must be provided to retrieve the object."
)
WRONG = "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."


def by(key, prefix=""):
    """boto3 encodes the key and adds its hash."""
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}


def md5(key):
    return base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def let_in(s3, bucket, kind="NONE"):
    rule = {"BlockedEncryptionTypes": {"EncryptionType": [kind]}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


@pytest.fixture
def sealed(s3, bucket):
    """A bucket that takes keys of customers, with an object of KEY."""
    let_in(s3, bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **by(KEY))
    return bucket


@pytest.mark.conforms(
    "s3:PutObject",
    "AmazonS3/latest/API/API_PutObject.html",
    "This value is used to store the object and then it is discarded; Amazon S3 does not store the encryption key.",
    differs="nothing is encrypted; the object's ETag stays its MD5",
)
def test_an_object_is_read_with_its_key_alone(s3, sealed):
    at = {"Bucket": sealed, "Key": "k"}
    put = s3.put_object(**at, Body=b"secret", **by(KEY))
    got = s3.get_object(**at, **by(KEY))
    for told in (put, got, s3.head_object(**at, **by(KEY))):
        assert (told["SSECustomerAlgorithm"], told["SSECustomerKeyMD5"]) == ("AES256", md5(KEY))
        assert "ServerSideEncryption" not in told
    assert got["Body"].read() == b"secret"
    assert refused(s3.get_object, **at) == (400, "InvalidRequest", NEEDED)
    assert refused(s3.get_object, **at, **by(OTHER)) == (403, "AccessDenied", WRONG)
    assert refused(s3.head_object, **at)[0] == 400
    assert refused(s3.head_object, **at, **by(OTHER))[0] == 403
    attributes = {**at, "ObjectAttributes": ["ObjectSize"]}
    assert refused(s3.get_object_attributes, **attributes) == (400, "InvalidRequest", NEEDED)
    # Here boto3 leaves encoding and hash to the caller.
    encoded = {**by(base64.b64encode(KEY).decode()), "SSECustomerKeyMD5": md5(KEY)}
    assert s3.get_object_attributes(**attributes, **encoded)["ObjectSize"] == 6
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=sealed)["Contents"]] == ["k"]
    assert s3.delete_object(**at)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_key_for_an_object_that_has_none_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="plain", Body=b"v")
    expected = (400, "InvalidRequest", "The encryption parameters are not applicable to this object.")
    assert refused(s3.get_object, Bucket=bucket, Key="plain", **by(KEY)) == expected


@pytest.mark.conforms(
    "s3:CopyObject",
    "AmazonS3/latest/API/API_CopyObject.html",
    "If the source object for the copy is stored in Amazon S3 using SSE-C, you must provide the necessary encryption "
    "information in your request so that Amazon S3 can decrypt the object for copying.",
)
def test_a_copy_needs_the_key_of_its_source_and_may_have_another(s3, sealed):
    copy = {"Bucket": sealed, "CopySource": f"{sealed}/k"}
    source = by(KEY, "CopySource")
    assert refused(s3.copy_object, **copy, Key="c") == (400, "InvalidRequest", NEEDED)
    assert refused(s3.copy_object, **copy, Key="c", **by(OTHER, "CopySource")) == (403, "AccessDenied", WRONG)
    s3.copy_object(**copy, Key="plain", **source)
    assert s3.get_object(Bucket=sealed, Key="plain")["Body"].read() == b"secret"
    told = s3.copy_object(**copy, Key="own", **source, **by(OTHER))
    assert told["SSECustomerKeyMD5"] == md5(OTHER)
    assert s3.get_object(Bucket=sealed, Key="own", **by(OTHER))["Body"].read() == b"secret"
    assert refused(s3.get_object, Bucket=sealed, Key="own", **by(KEY)) == (403, "AccessDenied", WRONG)


@pytest.mark.conforms(
    "s3:UploadPart",
    "AmazonS3/latest/API/API_UploadPart.html",
    "If you request server-side encryption using a customer-provided encryption key (SSE-C) in your initiate multipart "
    "upload request, you must provide identical encryption information in each part upload using the following request "
    "headers.",
)
def test_every_part_comes_with_the_key_of_its_upload(s3, sealed):
    begun = s3.create_multipart_upload(Bucket=sealed, Key="large", **by(KEY))
    assert begun["SSECustomerKeyMD5"] == md5(KEY)
    upload = {"Bucket": sealed, "Key": "large", "UploadId": begun["UploadId"]}
    bodies = [os.urandom(PART_BYTES), b"end"]
    part = {**upload, "PartNumber": 1, "Body": bodies[0]}
    without = (
        "The multipart upload initiate requested encryption. "
        "Subsequent part requests must include the appropriate encryption parameters."
    )
    other = "The provided encryption parameters did not match the ones used originally."
    assert refused(s3.upload_part, **part) == (400, "InvalidRequest", without)
    assert refused(s3.upload_part, **part, **by(OTHER)) == (400, "InvalidRequest", other)
    tags = [
        s3.upload_part(**upload, PartNumber=number, Body=body, **by(KEY))["ETag"]
        for number, body in enumerate(bodies, 1)
    ]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert refused(s3.get_object, Bucket=sealed, Key="large") == (400, "InvalidRequest", NEEDED)
    assert s3.get_object(Bucket=sealed, Key="large", **by(KEY))["Body"].read() == b"".join(bodies)
    plain = s3.create_multipart_upload(Bucket=sealed, Key="plain")["UploadId"]
    named = {"Bucket": sealed, "Key": "plain", "UploadId": plain, "PartNumber": 1, "Body": b"v"}
    assert refused(s3.upload_part, **named, **by(KEY)) == (400, "InvalidRequest", without)


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"SSECustomerKey": KEY}, "InvalidArgument", "must provide a valid encryption algorithm."),
        (
            {**by(KEY), "SSECustomerAlgorithm": "DES"},
            "InvalidEncryptionAlgorithmError",
            "Supported value: AES256.",
        ),
        ({"SSECustomerAlgorithm": "AES256"}, "InvalidArgument", "must provide an appropriate secret key."),
        (by(KEY[:16]), "InvalidArgument", "The secret key was invalid for the specified algorithm."),
        (
            {**by(base64.b64encode(KEY).decode()), "SSECustomerKeyMD5": md5(OTHER)},
            "InvalidArgument",
            "did not match the hash that was provided.",
        ),
        (
            {**by(KEY), "ServerSideEncryption": "AES256"},
            "InvalidArgument",
            "incompatible with the encryption method",
        ),
    ],
    ids=["no algorithm", "other algorithm", "no key", "short key", "other hash", "two methods"],
)
def test_keys_that_are_none_are_refused(s3, sealed, parameters, code, message):
    status, told, said = refused(s3.put_object, Bucket=sealed, Key="new", Body=b"v", **parameters)
    assert (status, told) == (400, code)
    assert message in said


@pytest.mark.conforms(
    "s3:UploadPart",
    "AmazonS3/latest/API/API_UploadPart.html",
    "If you have server-side encryption with customer-provided keys (SSE-C) blocked for your general purpose bucket, "
    "you will get an HTTP 403 Access Denied error when you specify the SSE-C request headers while writing new data to "
    "your bucket.",
    differs="the block is asked when the upload begins, not for each part",
)
def test_a_new_bucket_takes_no_keys_of_customers(s3, bucket):
    def blocked():
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return rule["BlockedEncryptionTypes"]["EncryptionType"]

    new = {"Bucket": bucket, "Key": "k", **by(KEY)}
    assert blocked() == ["SSE-C"]
    status, code, message = refused(s3.put_object, **new, Body=b"v")
    assert (status, code) == (403, "AccessDenied")
    assert "this bucket has blocked upload requests that specify Server Side Encryption" in message
    assert refused(s3.create_multipart_upload, **new)[:2] == (403, "AccessDenied")
    let_in(s3, bucket)
    assert blocked() == ["NONE"]
    s3.put_object(**new, Body=b"v")
    let_in(s3, bucket, "SSE-C")
    assert refused(s3.put_object, **new, Body=b"v")[:2] == (403, "AccessDenied")
    assert s3.get_object(**new)["Body"].read() == b"v"
    # A rule that does not speak of it leaves it as it is.
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert blocked() == ["SSE-C"]


def test_a_policy_may_insist_on_keys_of_customers(s3, sealed):
    without = {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "true"}}
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{sealed}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [{**deny, "Condition": without}]}
    s3.put_bucket_policy(Bucket=sealed, Policy=json.dumps(policy))
    assert refused(s3.put_object, Bucket=sealed, Key="new", Body=b"v")[:2] == (403, "AccessDenied")
    s3.put_object(Bucket=sealed, Key="new", Body=b"v", **by(KEY))


def test_a_copy_in_another_region_has_the_same_key_if_its_bucket_takes_it(s3, sealed):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html"""
    other = replica_of(s3, sealed)
    replicate(s3, sealed, other, DeleteMarkerReplication={"Status": "Disabled"})

    def replicated(name):
        s3.put_object(Bucket=sealed, Key=name, Body=b"secret", **by(KEY))
        deadline = time.monotonic() + WAIT_SECONDS
        while (status := s3.head_object(Bucket=sealed, Key=name, **by(KEY)).get("ReplicationStatus")) in (
            None,
            "PENDING",
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return status

    assert replicated("refused") == "FAILED"
    let_in(s3, other)
    assert replicated("copied") == "COMPLETED"
    assert s3.get_object(Bucket=other, Key="copied", **by(KEY))["Body"].read() == b"secret"
    assert refused(s3.get_object, Bucket=other, Key="copied")[:2] == (400, "InvalidRequest")


def test_a_key_is_nowhere_on_the_disk_and_still_needed_after_a_restart(lone_server):
    s3, key = lone_server.client("s3"), os.urandom(32)
    s3.create_bucket(Bucket="lake")
    let_in(s3, "lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"secret", **by(key))
    lone_server.stop()
    told = (key, base64.b64encode(key), key.hex().encode(), md5(key).encode())
    saved = [path.read_bytes() for path in lone_server.state_dir.rglob("*") if path.is_file()]
    assert not [one for one in told for content in saved if one in content]
    lone_server.start()
    s3 = lone_server.client("s3")
    assert refused(s3.get_object, Bucket="lake", Key="k")[0] == 400
    assert refused(s3.get_object, Bucket="lake", Key="k", **by(OTHER))[0] == 403
    assert s3.get_object(Bucket="lake", Key="k", **by(key))["Body"].read() == b"secret"
