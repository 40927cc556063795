"""Create, secure, lay out and fill the S3 bucket of the e-commerce lakehouse.

Running it again changes only what differs. Exit codes: 0 done; 1 AWS refused a call; 2 wrong usage;
3 some files were not uploaded.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import boto3
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from lakehouse.settings import DEFAULT_BUCKET_NAME, Settings
from lakehouse.storage.bucket.caller import identify
from lakehouse.storage.bucket.change import Change
from lakehouse.storage.bucket.create import check_name, ensure_bucket
from lakehouse.storage.bucket.failure import BucketError, named_failures
from lakehouse.storage.bucket.layout import datasets, ensure_prefixes
from lakehouse.storage.bucket.security import secure
from lakehouse.storage.bucket.upload import Found, Upload, find, upload

AWS_REFUSED, WRONG_USAGE, UPLOAD_INCOMPLETE = 1, 2, 3
DOMAIN = "ecommerce"
OTHER_ROLES = ("lakehouse-mwaa", "lakehouse-admin")

logger = logging.getLogger("lakehouse.setup_s3_structure")
console = Console()
errors = Console(stderr=True)
app = typer.Typer(add_completion=False)


@app.command(
    help=__doc__,
    epilog="Example: python scripts/setup_s3_structure.py --bucket-name my-lake --data-dir Data --verbose",
)
def main(
    *,
    bucket_name: Annotated[
        str | None,
        typer.Option(
            help="Used as given.",
            show_default=f"$ECOM_S3_BUCKET_NAME, else {DEFAULT_BUCKET_NAME}-<account id>",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Region of the bucket.", show_default="$ECOM_AWS_REGION, else us-east-1"),
    ] = None,
    data_dir: Annotated[
        Path,
        typer.Option(
            help="Searched with its subfolders for products*, orders* and order_items* (CSV, XLSX)."
        ),
    ] = Path("Data"),
    skip_upload: Annotated[bool, typer.Option("--skip-upload", help="Upload no data files.")] = False,
    skip_security: Annotated[
        bool,
        typer.Option(
            "--skip-security", help="Leave policy, lifecycle, encryption and versioning as they are."
        ),
    ] = False,
    allow_role: Annotated[
        list[str] | None,
        typer.Option(
            envvar="LAKEHOUSE_BUCKET_ROLES",
            help="IAM role with access, by name or ARN; may be repeated. Caller and root user keep theirs.",
            show_default=f"the Glue role, {', '.join(OTHER_ROLES)}",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log every step, also those that change nothing.")
    ] = False,
) -> None:
    """See the module."""
    _log(verbose)
    try:
        settings = Settings()
        if bucket_name:
            check_name(bucket_name)
        found = Found([], []) if skip_upload else _find(data_dir)
    except (ValidationError, ValueError, OSError) as error:
        raise _stop(error, WRONG_USAGE) from error
    roles = None if skip_security else allow_role or [settings.glue_role, *OTHER_ROLES]
    try:
        uploads = _set_up(bucket_name or settings.bucket_name, region or settings.region, roles, found)
    except BucketError as error:
        raise _stop(error, AWS_REFUSED) from error
    if any(item.outcome == "failed" for item in uploads):
        raise typer.Exit(UPLOAD_INCOMPLETE)


def _set_up(name: str | None, region: str, roles: Sequence[str] | None, found: Found) -> list[Upload]:
    with named_failures(f"region {region}"):
        session = boto3.Session(region_name=region)
        s3, sts = session.client("s3"), session.client("sts")
    caller = identify(sts)
    bucket = name or f"{DEFAULT_BUCKET_NAME}-{caller.account}"
    logger.debug("caller is %s, bucket is %s in %s", caller.arn, bucket, region)
    changes = [ensure_bucket(s3, bucket, region, caller.account)]
    if roles is not None:
        # Before any data arrives.
        changes += secure(s3, bucket, caller, roles)
    changes += ensure_prefixes(s3, {"*": bucket}, DOMAIN)
    with _progress() as progress:
        task = progress.add_task("upload", total=found.size)
        uploads = upload(s3, bucket, found.files, lambda count: progress.advance(task, count))
    _report(bucket, region, changes, uploads, found.unknown)
    return uploads


def _find(directory: Path) -> Found:
    try:
        return find(directory, datasets(DOMAIN))
    except NotADirectoryError as error:
        raise ValueError(f"{error}; pass --data-dir with the data files, or --skip-upload") from error


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, disable=not errors.is_terminal)


def _report(
    bucket: str, region: str, changes: Sequence[Change], uploads: Sequence[Upload], unknown: Sequence[Path]
) -> None:
    table = Table("part", "outcome", title=f"s3://{bucket} ({region})")
    for change in changes:
        if not change.part.endswith("/"):
            table.add_row(change.part, change.outcome)
    created = sum(change.outcome == "created" for change in changes if change.part.endswith("/"))
    total = sum(change.part.endswith("/") for change in changes)
    table.add_row(f"{total} prefixes", f"{created} created" if created else "unchanged")
    for item in uploads:
        table.add_row(escape(f"{item.file.path} → {item.file.key}"), item.outcome)
    console.print(table)
    for path in unknown:
        logger.warning(
            "%s: not uploaded, its name starts with no dataset (%s)", path, ", ".join(datasets(DOMAIN))
        )
    for item in uploads:
        if item.outcome == "failed":
            logger.error("%s: %s", item.file.path, item.reason)
    if {item.outcome for item in changes} | {item.outcome for item in uploads} == {"unchanged"}:
        console.print("Nothing changed.")


def _log(verbose: bool) -> None:
    if errors.is_terminal:
        logging.basicConfig(
            format="%(message)s", handlers=[RichHandler(console=errors, show_path=False)], force=True
        )
    else:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", force=True)
    logging.getLogger("lakehouse").setLevel(logging.DEBUG if verbose else logging.INFO)


def _stop(error: Exception, code: int) -> typer.Exit:
    errors.print(f"[red]Error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
    return typer.Exit(code)


if __name__ == "__main__":
    app()
