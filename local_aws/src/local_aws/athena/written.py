"""Data files that a query writes: their folder must be free, and a manifest lists them."""

from local_aws.athena.clients import Clients
from local_aws.athena.errors import ALREADY_EXISTS, QueryFailedError
from local_aws.athena.execution import QueryExecution
from local_aws.athena.results import split_uri


def refuse_taken(clients: Clients, location: str, target: str) -> None:
    """Refuse to write where something lies already.

    Args:
        clients: Clients of S3.
        location: URI of the folder.
        target: What is written, for the message.

    Raises:
        QueryFailedError: The folder is not empty.
    """
    bucket, prefix = split_uri(location.rstrip("/") + "/")
    if clients.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"):
        raise QueryFailedError(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for {target} already exists: {location}. "
            "You may need to manually clean the data at this location before retrying. "
            "Athena will not delete data in your account.",
            ALREADY_EXISTS,
        )


def write_manifest(clients: Clients, execution: QueryExecution) -> None:
    """List the files that a query has written, whose names the engine begins with its own id of the query."""
    if execution.written_to is None or execution.engine_query_id is None:
        return
    bucket, prefix = split_uri(execution.written_to.rstrip("/") + "/")
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    mark = f"{execution.engine_query_id}_"
    body = "".join(f"s3://{bucket}/{key}\n" for key in keys if key.rsplit("/", 1)[-1].startswith(mark))
    target_bucket, target_key = split_uri(execution.manifest_location)
    clients.s3.put_object(Bucket=target_bucket, Key=target_key, Body=body.encode())
    execution.manifest = execution.manifest_location
