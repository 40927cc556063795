"""Where `lakehouse run` has its data from, by domain."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import boto3
from rich.console import Console

from lakehouse.address import is_bucket
from lakehouse.cli.failure import CommandError
from lakehouse.cli.files import Files
from lakehouse.cli.settings import read_settings
from lakehouse.settings import Settings

_SIMULATED = "market_data"


@dataclass(frozen=True, kw_only=True)
class Synthetic:
    """What a domain is told that makes its own data; None where the user did not say.

    Attributes:
        minutes: Of the exchange.
        products: How many.
        seed: The same seed gives the same market.
        faults: As `lakehouse simulate coinbase` takes them.
        ledger: Where to keep the truth.
    """

    minutes: int | None = None
    products: int | None = None
    seed: int | None = None
    faults: tuple[str, ...] | None = None
    ledger: Path | None = None

    @property
    def is_said(self) -> bool:
        """Whether the user said anything."""
        return any(
            value is not None for value in (self.minutes, self.products, self.seed, self.faults, self.ledger)
        )


class Source(Protocol):
    """Data of one run."""

    def bring(self, console: Console, settings: Settings) -> None:
        """Deliver it; raises CommandError."""

    def compare(self, console: Console, settings: Settings) -> None:
        """Say whether gold is what the source knows to be true, if it knows; raises CommandError where it is not."""


def source_of(domain: str, data_dir: Path | None, synthetic: Synthetic) -> Source:
    """The source of a domain's run; raises CommandError for options that do not go together."""
    if synthetic.is_said and (data_dir or domain != _SIMULATED):
        raise CommandError(
            "--minutes, --products, --seed, --fault and --ledger are for `lakehouse run market_data` without "
            "--data-dir, which makes its own data"
        )
    if domain != _SIMULATED:
        return Files(domain, data_dir)
    # Imported only where used: the recorder belongs to the extra `market`.
    try:
        from lakehouse.cli.market_data.source import Segments, Simulated  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CommandError(f"{error.name} is missing: install lakehouse[cli,market]") from error
    if data_dir:
        return Segments(data_dir)
    if not synthetic.is_said:
        _require_no_real_vault(read_settings())
    return Simulated(
        minutes=synthetic.minutes or 5,
        products=synthetic.products or 3,
        seed=1 if synthetic.seed is None else synthetic.seed,
        faults=synthetic.faults,
        ledger=synthetic.ledger,
    )


def _require_no_real_vault(settings: Settings) -> None:
    """A market that is made up is not to be recorded beside a real one by mistake."""
    endpoint = boto3.client("s3", region_name=settings.region).meta.endpoint_url
    if is_bucket(settings.storage.place) and (urlsplit(endpoint).hostname or "").endswith(".amazonaws.com"):
        raise CommandError(
            f"this would record a made-up market into s3://{settings.storage.bucket} on AWS: name its segments with "
            "--data-dir, start the DAG in Airflow for what is recorded already, or say --minutes if you mean it"
        )
