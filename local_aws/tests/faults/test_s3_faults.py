"""S3 on its bad days, seen by boto3."""

import socket
import threading
import time

import botocore.exceptions
import pytest

PUT = {"service": "s3", "operation": "PutObject", "nth": 1}
BROKEN = (
    botocore.exceptions.ConnectionClosedError,
    botocore.exceptions.ConnectionError,
    botocore.exceptions.HTTPClientError,
)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("slow_down", 503, "SlowDown"),
        ("throttling", 503, "SlowDown"),
        ("internal_error", 500, "InternalError"),
        ("expired_credentials", 400, "ExpiredToken"),
    ],
)
def test_a_refused_call_has_no_effect_and_says_why(faults, s3, bucket, fault, status, code):
    faults.replace([PUT | {"fault": fault}])
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.put_object(Bucket=bucket, Key=fault, Body=b"x" * 300_000)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert s3.list_objects_v2(Bucket=bucket, Prefix=fault)["KeyCount"] == 0


@pytest.mark.parametrize("fault", ["slow_down", "internal_error", "connection_reset", "lost_reply"])
def test_the_sdk_tries_again(faults, client_of, bucket, fault):
    patient = client_of("s3", attempts=3)
    faults.replace([PUT | {"fault": fault}])
    patient.put_object(Bucket=bucket, Key="again", Body=b"body")
    assert patient.get_object(Bucket=bucket, Key="again")["Body"].read() == b"body"
    (rule,) = faults.state()["rules"]
    assert (rule["matched"], rule["fired"]) == (2, 1)


def test_expired_credentials_are_not_tried_again(faults, client_of, bucket):
    faults.replace([PUT | {"fault": "expired_credentials"}])
    with pytest.raises(botocore.exceptions.ClientError):
        client_of("s3", attempts=3).put_object(Bucket=bucket, Key="k", Body=b"")
    assert faults.state()["rules"][0]["matched"] == 1


def test_head_gets_the_status_without_a_body(faults, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    faults.replace([PUT | {"operation": "HeadObject", "fault": "slow_down"}])
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.head_object(Bucket=bucket, Key="k")
    assert refused.value.response["Error"]["Code"] == "503"
    s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize(("fault", "kept"), [("connection_reset", 0), ("lost_reply", 1)])
def test_a_broken_connection_with_and_without_the_effect(faults, s3, bucket, fault, kept):
    faults.replace([PUT | {"fault": fault}])
    with pytest.raises(BROKEN):
        s3.put_object(Bucket=bucket, Key=fault, Body=b"x" * 3_000_000)
    assert s3.list_objects_v2(Bucket=bucket, Prefix=fault)["KeyCount"] == kept


def test_a_conditional_put_whose_reply_is_lost_meets_its_own_write(faults, client_of, bucket):
    faults.replace([PUT | {"fault": "lost_reply"}])
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client_of("s3", attempts=2).put_object(Bucket=bucket, Key="once", Body=b"", IfNoneMatch="*")
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"


@pytest.mark.parametrize("fault", ["connection_reset", "lost_reply"])
def test_the_connection_is_reset_and_not_merely_closed(faults, shaky, bucket, fault):
    faults.replace([{"service": "s3", "operation": "ListBuckets", "nth": 1, "fault": fault}])
    with socket.create_connection(("127.0.0.1", shaky.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: s3\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_delayed_call_succeeds(faults, s3, bucket):
    faults.replace([PUT | {"fault": "delay", "seconds": 0.3}])
    began = time.monotonic()
    s3.put_object(Bucket=bucket, Key="late", Body=b"")
    assert time.monotonic() - began >= 0.3
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_a_clear_ends_delays(faults, shaky, s3, bucket):
    faults.replace([PUT | {"fault": "delay", "seconds": 3600}])
    put = threading.Thread(target=lambda: s3.put_object(Bucket=bucket, Key="late", Body=b""), daemon=True)
    put.start()
    shaky.wait_until(faults.firings, "the call to be held", 20)
    assert put.is_alive()
    faults.clear()
    put.join(20)
    assert not put.is_alive()
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_nothing_goes_wrong_after_a_clear(faults, s3, bucket):
    faults.replace([PUT | {"fault": "slow_down"}])
    faults.clear()
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert faults.state() == {"seed": 0, "rules": [], "firings": []}


def test_many_broken_connections_leave_the_server_well(faults, shaky, client_of, bucket):
    faults.replace([PUT | {"nth": None, "rate": 0.5, "fault": "connection_reset"}], seed=3)
    patient = client_of("s3", attempts=10)
    for number in range(30):
        patient.put_object(Bucket=bucket, Key=str(number), Body=b"")
    assert patient.list_objects_v2(Bucket=bucket)["KeyCount"] == 30
    assert shaky.health()["ready"]
    log = (shaky.state_dir / "logs" / "local_aws.log").read_text()
    assert "Traceback" not in log
