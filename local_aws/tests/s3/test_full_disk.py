"""A disk that takes no more: a limit of the operating system on the server's files, which the test sets and lifts."""

import resource
import sys

import pytest
from botocore.exceptions import ClientError

LIMIT = 1_000_000
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prlimit is Linux's")


def limit(server, size):
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def files_of(server):
    return sorted(path for path in (server.state_dir / "objects").glob("??/*"))


@pytest.mark.conforms(
    "s3:PutObject",
    "AmazonS3/latest/API/API_PutObject.html",
    "Amazon S3 never adds partial objects; if you receive a success response, Amazon S3 added the entire object to the "
    "bucket.",
)
def test_what_finds_no_room_is_refused_and_changes_nothing(lone_server):
    s3 = lone_server.client("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"old")
    before = files_of(lone_server)
    upload = {"Bucket": "lake", "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    limit(lone_server, LIMIT)
    large = bytes(2 * LIMIT)
    assert refused(s3.put_object, Bucket="lake", Key="k", Body=large) == (500, "InternalError")
    assert refused(s3.put_object, Bucket="lake", Key="new", Body=large) == (500, "InternalError")
    assert refused(s3.upload_part, **upload, PartNumber=1, Body=large) == (500, "InternalError")
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"old"
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="lake")["Contents"]] == ["k"]
    assert "Parts" not in s3.list_parts(**upload)
    assert files_of(lone_server) == before
    log = (lone_server.state_dir / "logs" / "local_aws.log").read_text()
    assert "A body cannot be written below" in log
    limit(lone_server, resource.RLIM_INFINITY)
    part = s3.upload_part(**upload, PartNumber=1, Body=large)["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    assert s3.head_object(Bucket="lake", Key="parts")["ContentLength"] == 2 * LIMIT
