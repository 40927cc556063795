"""What a request is called; S3's names are those of its API reference."""

from io import BytesIO

import pytest

from local_aws.faults.calls import Call, call_of

SCOPE = "AWS4-HMAC-SHA256 Credential=AKIA/20250401/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def request(service, method="POST", path="/", query="", body=b"", **headers):
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return named | {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": SCOPE.format(service),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation"),
    [
        ("GET", "/", "", {}, "ListBuckets"),
        ("PUT", "/b", "", {}, "CreateBucket"),
        ("GET", "/b", "", {}, "ListObjects"),
        ("GET", "/b/", "list-type=2&prefix=x", {}, "ListObjectsV2"),
        ("GET", "/b", "versions", {}, "ListObjectVersions"),
        ("GET", "/b", "uploads", {}, "ListMultipartUploads"),
        ("GET", "/b", "location", {}, "GetBucketLocation"),
        ("PUT", "/b", "policy", {}, "PutBucketPolicy"),
        ("POST", "/b", "delete", {}, "DeleteObjects"),
        ("HEAD", "/b", "", {}, "HeadBucket"),
        ("GET", "/b/k", "", {}, "GetObject"),
        ("GET", "/b/k", "x-id=GetObject", {}, "GetObject"),
        ("HEAD", "/b/k/", "", {}, "HeadObject"),
        ("PUT", "/b/k", "", {}, "PutObject"),
        ("PUT", "/b/k", "", {"x_amz_copy_source": "/b/other"}, "CopyObject"),
        ("DELETE", "/b/k", "", {}, "DeleteObject"),
        ("PUT", "/b/k", "tagging", {}, "PutObjectTagging"),
        ("POST", "/b/k", "uploads", {}, "CreateMultipartUpload"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {"x_amz_copy_source": "/b/o"}, "UploadPartCopy"),
        ("POST", "/b/k", "uploadId=u", {}, "CompleteMultipartUpload"),
        ("DELETE", "/b/k", "uploadId=u", {}, "AbortMultipartUpload"),
        ("GET", "/b/k", "uploadId=u", {}, "ListParts"),
    ],
)
def test_operations_of_s3(method, path, query, headers, operation):
    call = call_of(request("s3", method, path, query, **headers))
    assert (call.service, call.operation, call.protocol) == ("s3", operation, "s3")


@pytest.mark.parametrize(
    ("path", "query", "resource"),
    [
        ("/lake/silver/a b/x.json", "", "lake/silver/a b/x.json"),
        ("/lake/marker/", "", "lake/marker/"),
        ("/lake", "list-type=2&prefix=silver%2F", "lake/silver/"),
        ("/lake/", "list-type=2", "lake"),
        ("/lake/Schlüssel".encode().decode("latin-1"), "", "lake/Schlüssel"),
    ],
)
def test_resources_of_s3(path, query, resource):
    assert call_of(request("s3", "GET", path, query)).resource == resource


def test_an_unsigned_request_is_one_to_s3_and_a_presigned_one_has_its_key():
    unsigned = request("s3", "GET", "/b/k")
    del unsigned["HTTP_AUTHORIZATION"]
    assert (call_of(unsigned).service, call_of(unsigned).access_key) == ("s3", None)
    unsigned["QUERY_STRING"] = "X-Amz-Credential=AKIA%2F20250401%2Fus-east-1%2Fs3%2Faws4_request"
    assert (call_of(unsigned).operation, call_of(unsigned).access_key) == ("GetObject", "AKIA")


def test_the_body_of_a_put_is_not_read():
    environ = request("s3", "PUT", "/b/k", body=b"body")
    call_of(environ)
    assert environ["wsgi.input"].tell() == 0


def test_json_names_its_operation_and_what_it_is_about():
    body = b'{"JobName": "silver", "RunId": "jr_1"}'
    environ = request("glue", body=body, x_amz_target="AWSGlue.GetJobRun", user_agent="Boto3/1")
    assert call_of(environ) == Call(
        "glue", "GetJobRun", "json", "silver", "Boto3/1", "AKIA", job_name="silver", run_id="jr_1"
    )
    assert environ["wsgi.input"].read() == body


@pytest.mark.parametrize(
    ("service", "target", "body", "resource"),
    [
        ("glue", "AWSGlue.GetTable", b'{"DatabaseName": "gold", "Name": "sales"}', "gold/sales"),
        ("glue", "AWSGlue.GetDatabases", b"{}", ""),
        ("athena", "AmazonAthena.StartQueryExecution", b'{"QueryString": "select 1"}', "primary"),
        ("athena", "AmazonAthena.GetQueryExecution", b'{"QueryExecutionId": "q"}', "q"),
        ("sqs", "AmazonSQS.ReceiveMessage", b'{"QueueUrl": "http://x/123/arrivals"}', "arrivals"),
        ("logs", "Logs_20140328.PutLogEvents", b'{"logGroupName": "/glue"}', "/glue"),
        ("glue", "AWSGlue.GetTable", b"no json", ""),
    ],
)
def test_resources_of_json_services(service, target, body, resource):
    call = call_of(request(service, body=body, x_amz_target=target))
    assert (call.operation, call.resource) == (target.partition(".")[2], resource)


def test_query_names_its_action_in_form_or_address():
    form = b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flake&Version=2011-06-15"
    environ = request("sts", body=form) | {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}
    call = call_of(environ)
    assert (call.service, call.operation, call.protocol) == ("sts", "AssumeRole", "query")
    assert call.resource == "arn:aws:iam::1:role/lake"
    assert environ["wsgi.input"].read() == form
    assert call_of(request("sts", "GET", query="Action=GetCallerIdentity")).operation == "GetCallerIdentity"
