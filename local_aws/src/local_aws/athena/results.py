"""Result files: what Athena writes to S3 for a query, and how GetQueryResults reads it back in pages.

Rows are not kept in memory: a page is read from the result file, as on AWS, where deleting the file takes the
results away. A page's token is the byte at which it starts.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from local_aws.athena import errors
from local_aws.athena.clients import Clients
from local_aws.athena.errors import QueryFailedError, RequestRefusedError
from local_aws.athena.execution import QueryExecution

Row = list[str | None]

_MEMORY_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 18
_CSV_VALUE = re.compile(r'(?:"((?:[^"]|"")*)")?([,\n])')


@dataclass(frozen=True)
class Result:
    """What a statement answers.

    Attributes:
        columns: ColumnInfo of each column.
        rows: Texts of the values, None for null; can be read once.
        update_count: Rows changed, for a statement that changes rows; 0 for one that shows rows.
    """

    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: Iterable[Row] = ()
    update_count: int | None = None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")


def write(clients: Clients, execution: QueryExecution, result: Result) -> None:
    """Write the result file of a query, and the file beside it that describes its columns.

    Raises:
        QueryFailedError: The bucket does not take it, or the engine failed while the rows were read.
    """
    statement = execution.statement
    execution.columns = result.columns
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
        _write_rows(file, execution, result)
        if execution.finished:  # cancelled: the rows stopped in the middle, and Athena writes nothing either
            return
        execution.output_bytes = file.tell()
        file.seek(0)
        try:
            bucket, key = split_uri(execution.result_location)
            if statement.has_result_file:
                clients.s3.upload_fileobj(
                    file, bucket, key, ExtraArgs={"ContentType": "application/octet-stream"}
                )
            if result.columns:
                metadata = json.dumps({"ColumnInfo": result.columns}).encode()
                clients.s3.put_object(Bucket=bucket, Key=f"{key}.metadata", Body=metadata)
        except Exception as error:
            if isinstance(error, QueryFailedError):
                raise
            raise QueryFailedError(
                f"Failed to write query results to {execution.result_location}: {error}",
                errors.RESULT_WRITE_FAILED,
                errors.SYSTEM,
                retryable=True,
            ) from error


def _write_rows(file: Any, execution: QueryExecution, result: Result) -> None:
    names: Row = [column["Name"] for column in result.columns]
    csv = execution.result_location.endswith(".csv")
    if csv or (execution.statement.has_header and execution.statement.has_result_file):
        file.write((_csv_line(names) if csv else f"{names[0] if names else ''}\n").encode())
    for number, row in enumerate(result.rows):
        if csv:
            file.write(_csv_line(row).encode())
        else:
            line = "\t".join("" if value is None else value for value in row)
            file.write((f"\n{line}" if number else line).encode())
        execution.output_rows += 1


def _csv_line(row: Row) -> str:
    return ",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row) + "\n"


def page(clients: Clients, execution: QueryExecution, token: str | None, limit: int) -> dict[str, Any]:
    """One page of a succeeded query's rows, as GetQueryResults answers it.

    Raises:
        RequestRefusedError: The token is not one of ours, or the result file is gone.
    """
    if token is not None and not token.isdecimal():
        raise RequestRefusedError(f"Malformed nextPageToken {token}")
    rows: list[Row] = []
    next_token: str | None = None
    if execution.statement.has_result_file:
        rows, next_token = _read(clients, execution, int(token or 0), limit)
    answer: dict[str, Any] = {
        "ResultSet": {
            "Rows": [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows],
            "ResultSetMetadata": {"ColumnInfo": execution.columns},
        }
    }
    if execution.update_count is not None:
        answer["UpdateCount"] = execution.update_count
    return {**answer, "NextToken": next_token} if next_token else answer


def _read(
    clients: Clients, execution: QueryExecution, offset: int, limit: int
) -> tuple[list[Row], str | None]:
    bucket, key = split_uri(execution.result_location)
    size = execution.output_bytes
    if offset >= size:
        return [], None
    file = _ObjectReader(clients, bucket, key, offset, size)
    rows: list[Row] = []
    for row, length in csv_rows(file) if key.endswith(".csv") else _text_rows(file):
        rows.append(row)
        offset += length
        if len(rows) == limit:
            break
    return rows, str(offset) if offset < size else None


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _ObjectReader:
    """Reads an object by ranges, so that a page transfers no more than about its own bytes."""

    def __init__(self, clients: Clients, bucket: str, key: str, position: int, size: int) -> None:
        self._clients, self._bucket, self._key = clients, bucket, key
        self._position, self._size = position, size

    def read(self, size: int = -1, /) -> bytes:
        end = self._size if size < 0 else min(self._position + size, self._size)
        if self._position >= end:
            return b""
        span = f"bytes={self._position}-{end - 1}"
        try:
            reply = self._clients.s3.get_object(Bucket=self._bucket, Key=self._key, Range=span)
        except ClientError as error:
            raise RequestRefusedError("Could not find results", "RESULT_NOT_FOUND") from error
        self._position = end
        body: bytes = reply["Body"].read()
        return body


def csv_rows(file: _Readable) -> Iterator[tuple[Row, int]]:
    """Rows of a result file, each with its length in bytes; unlike ``csv``, tells null from an empty text."""
    text, start, remainder, ended = "", 0, b"", False
    while True:
        row: Row = []
        position, complete = start, False
        while not complete and (match := _CSV_VALUE.match(text, position)):
            row.append(None if match[1] is None else match[1].replace('""', '"'))
            position, complete = match.end(), match[2] == "\n"
        if complete:
            yield row, len(text[start:position].encode())
            start = position
        elif ended:
            return
        else:
            chunk = file.read(_CHUNK_BYTES)
            ended = not chunk
            more, remainder = _decode(remainder + chunk)
            text, start = text[start:] + more, 0


def _decode(chunk: bytes) -> tuple[str, bytes]:
    """Decode as much as ends with a whole character."""
    for cut in range(4):
        try:
            return chunk[: len(chunk) - cut].decode(), chunk[len(chunk) - cut :]
        except UnicodeDecodeError:
            continue
    return chunk.decode(errors="replace"), b""


def _text_rows(file: _Readable) -> Iterator[tuple[Row, int]]:
    lines = file.read().decode().split("\n")
    for number, line in enumerate(lines, start=1):
        newline = number < len(lines)
        yield [line], len(line.encode()) + newline
