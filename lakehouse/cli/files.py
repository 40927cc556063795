"""Files of a folder as the data of a run."""

from dataclasses import dataclass
from pathlib import Path

import boto3
from rich.console import Console

from lakehouse.address import bucket_of
from lakehouse.cli.failure import CommandError
from lakehouse.settings import Settings
from lakehouse.storage.bucket.layout import landings, suffixes_of
from lakehouse.storage.bucket.upload import find, upload


@dataclass(frozen=True)
class Files:
    """The data files of a folder; without a folder, what is under raw/ already."""

    domain: str
    data_dir: Path | None

    def bring(self, console: Console, settings: Settings) -> None:
        """Upload what is not there yet."""
        if self.data_dir:
            _upload(console, settings, self.domain, self.data_dir)

    def compare(self, console: Console, settings: Settings) -> None:
        """Nothing is known about them."""


def _upload(console: Console, settings: Settings, domain: str, data_dir: Path) -> None:
    bucket = bucket_of("raw", settings.buckets(domain))
    names, suffixes = list(landings(domain)), suffixes_of(domain)
    try:
        found = find(data_dir, names, suffixes)
    except (ValueError, NotADirectoryError) as error:
        raise CommandError(str(error)) from error
    if not found.files:
        raise CommandError(
            f"{data_dir} has no data file: names begin with {', '.join(names)} and end in {', '.join(suffixes)}"
        )
    for path in found.unknown:
        console.print(f"[yellow]not uploaded:[/] {path}: its name starts with no dataset's name")
    with console.status(f"Uploading {len(found.files)} files, {found.size / 1e6:.1f} MB"):
        results = upload(boto3.client("s3", region_name=settings.region), bucket, found.files)
    if failed := [f"{one.file.path}: {one.reason}" for one in results if one.outcome == "failed"]:
        raise CommandError("; ".join(failed))
    for one in results:
        console.print(f"{one.outcome} s3://{bucket}/{one.file.key}", highlight=False)
