"""Objects, versions, uploads in parts and conditional writes, through boto3."""

import base64
import concurrent.futures
import io
import os
import zlib

import botocore.exceptions
import pytest

PART = 5 * 1024 * 1024


def bodies(storage):
    return set((storage.state_dir / "objects").glob("??/*"))


def test_body_round_trips_whole_and_in_ranges(s3, bucket):
    body = os.urandom(300_000)
    s3.put_object(Bucket=bucket, Key="a/b c+d=é", Body=body, Metadata={"origin": "till"})
    found = s3.get_object(Bucket=bucket, Key="a/b c+d=é")
    assert found["Body"].read() == body
    assert found["Metadata"] == {"origin": "till"}
    for text, part in (("bytes=5-9", body[5:10]), ("bytes=-3", body[-3:]), ("bytes=299990-", body[299990:])):
        assert s3.get_object(Bucket=bucket, Key="a/b c+d=é", Range=text)["Body"].read() == part


@pytest.mark.conforms(
    "s3:CompleteMultipartUpload",
    "AmazonS3/latest/API/API_CompleteMultipartUpload.html",
    "Upon receiving this request, Amazon S3 concatenates all the parts in ascending order by "
    "part number to create a new object.",
)
def test_upload_in_parts_equals_the_parts_and_leaves_one_file(storage, s3, bucket):
    content = os.urandom(2 * PART + 17)
    before = bodies(storage)
    s3.upload_fileobj(io.BytesIO(content), bucket, "big")
    found = s3.get_object(Bucket=bucket, Key="big")
    assert found["Body"].read() == content
    assert found["ETag"].endswith('-2"')
    storage.wait_until(lambda: len(bodies(storage) - before) == 1, "the parts to be deleted", 15)


def test_parts_out_of_step_are_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    tag = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    wrong = {"Parts": [{"PartNumber": 1, "ETag": tag}, {"PartNumber": 2, "ETag": tag}]}
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidPart"):
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=wrong)


def test_copy_keeps_content_when_the_source_goes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from", Body=b"content", ContentType="text/plain")
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from"})
    s3.delete_object(Bucket=bucket, Key="from")
    found = s3.get_object(Bucket=bucket, Key="to")
    assert (found["Body"].read(), found["ContentType"]) == (b"content", "text/plain")


def test_a_copy_of_parts_has_the_checksum_of_its_body(s3, bucket):
    content = bytes(range(256)) * 40_000
    s3.upload_fileobj(io.BytesIO(content), bucket, "parts")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "parts"})
    found = s3.get_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert found["Body"].read() == content  # which boto3 compares with the checksum
    assert base64.b64decode(found["ChecksumCRC32"]) == zlib.crc32(content).to_bytes(4)


@pytest.mark.conforms(
    "s3:DeleteObject",
    "AmazonS3/latest/API/API_DeleteObject.html",
    "If bucket versioning is enabled, the operation inserts a delete marker, which becomes "
    "the current version of the object.",
)
def test_versions_and_delete_markers(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"one", b"two")]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="k")
    read = [s3.get_object(Bucket=bucket, Key="k", VersionId=v)["Body"].read() for v in ids]
    assert read == [b"one", b"two"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"


@pytest.mark.conforms(
    "s3:DeleteObject",
    "AmazonS3/latest/API/API_DeleteObject.html",
    "If bucket versioning is suspended, the operation removes the object that has a null "
    "versionId, if there is one, and inserts a delete marker that becomes the current "
    "version of the object.",
)
def test_suspended_versioning_keeps_older_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 2")
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert {version["VersionId"] for version in versions} == {old, "null"}
    s3.delete_object(Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=old)["Body"].read() == b"old"


def test_deleted_and_overwritten_bodies_leave_the_disk(storage, s3, bucket):
    before = bodies(storage)
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    storage.wait_until(lambda: len(bodies(storage) - before) == 1, "the first body to be deleted", 15)
    s3.delete_object(Bucket=bucket, Key="k")
    storage.wait_until(lambda: not bodies(storage) - before, "the second body to be deleted", 15)


@pytest.mark.conforms(
    "s3:PutObject",
    "AmazonS3/latest/API/API_PutObject.html",
    "Uploads the object only if the object key name does not already exist in the specified bucket.",
)
def test_of_many_creators_exactly_one_wins(s3, bucket):
    def create(number):
        try:
            s3.put_object(Bucket=bucket, Key="_delta_log/0.json", Body=b"%d" % number, IfNoneMatch="*")
        except botocore.exceptions.ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"]
        return 200

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(create, range(32)))
    assert answers == [200] + [412] * 31


def test_write_if_match_needs_the_present_etag(s3, bucket):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first)
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)


@pytest.mark.conforms(
    "s3:ListObjectsV2",
    "AmazonS3/latest/API/API_ListObjectsV2.html",
    "Returns some or all (up to 1,000) of the objects in a bucket with each request.",
)
def test_listing_pages_folders_and_odd_names(s3, bucket):
    names = [f"d{i:02}/x&<{i}>" for i in range(25)] + ["top"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 10})
    assert [item["Key"] for page in pages for item in page["Contents"]] == sorted(names)
    found = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [item["Prefix"] for item in found["CommonPrefixes"]] == [f"d{i:02}/" for i in range(25)]
    assert [item["Key"] for item in found["Contents"]] == ["top"]


def test_parallel_requests_are_all_served(s3, bucket):
    def trip(number):
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=b"%d" % number)
        return s3.get_object(Bucket=bucket, Key=f"k{number}")["Body"].read()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert list(pool.map(trip, range(200))) == [b"%d" % number for number in range(200)]
