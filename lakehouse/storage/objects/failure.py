"""A failure on S3 in one sentence: the operation, the URI, what S3 answered and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from lakehouse.storage.bucket.failure import FORBIDDEN, PERMISSIONS, REMEDIES, error_code
from lakehouse.storage.objects.store import FileMissingError, FileTakenError, StoreError

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
TAKEN = frozenset({"412", "PreconditionFailed"})
_NO_BUCKET = "create the bucket, or correct storage.bucket"


@contextmanager
def named_failures(operation: str, uri: str) -> Iterator[None]:
    """Turn every error of boto3 into a StoreError about the operation and the URI."""
    try:
        yield
    except ClientError as error:
        code, call = error_code(error), error.operation_name
        message = error.response.get("Error", {}).get("Message", "no message")
        text = f"{operation} {uri}: {call} failed ({code}: {message}); {_remedy(code, call)}"
        kind = FileMissingError if code in MISSING else FileTakenError if code in TAKEN else StoreError
        raise kind(text) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreError(
            f"{operation} {uri}: no AWS credentials ({error}); set AWS_PROFILE or the AWS_* keys"
        ) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StoreError(
            f"{operation} {uri}: S3 was not reached ({error}); check the network, the region and AWS_ENDPOINT_URL"
        ) from error


def _remedy(code: str, call: str) -> str:
    if code in FORBIDDEN:
        return f"grant {PERMISSIONS.get(call, f's3:{call}')} to the caller, and see that no policy denies it"
    if code in MISSING:
        return "check the path, and that nothing moved the file meanwhile"
    if code in TAKEN:
        return "another writer has made this file: choose another path"
    return _NO_BUCKET if code == "NoSuchBucket" else REMEDIES.get(code, "correct what S3 names")
