"""Whether a domain's gold is late now, and who is told: once when it begins, once when it is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lakehouse.address import bucket_of
from lakehouse.contract import tables
from lakehouse.settings import Settings
from orchestration.documents import find_document, write_document
from orchestration.freshness import Freshness, freshness

type Tell = Callable[[str, str], None]
"""Sends a message: its subject, and what happened."""


@dataclass(frozen=True)
class Lateness:
    """The tables of gold with a `latency`, by the newest publish manifest."""

    domain: str
    published_at: str
    """ISO 8601."""
    tables: list[Freshness]

    @property
    def late(self) -> list[Freshness]:
        return [one for one in self.tables if one.is_late]

    def tell(self, tell: Tell) -> None:
        """Tell of tables that have become late, or that none is any more.

        What was told is kept in `metadata/freshness/<domain>.json`, so that nobody is told of the same lateness twice.
        """
        state = f"{_metadata(self.domain)}/freshness/{self.domain}.json"
        told = set((find_document(state) or {}).get("late", []))
        names = {one.table_address for one in self.late}
        if names != told:
            write_document(state, {"late": sorted(names), "since": self.published_at})
        if new := sorted(names - told):
            tell(
                f"Late: {self.domain} gold",
                f"Not published since {self.published_at}, later than the contract's latency: {', '.join(new)}",
            )
        if told and not names:
            tell(
                f"Recovered: {self.domain} gold",
                f"Published again at {self.published_at}: {', '.join(sorted(told))}",
            )


def lateness(domain: str, now: datetime) -> Lateness | None:
    """How a domain's gold is; None where none was published yet."""
    manifest = find_document(f"{_metadata(domain)}/manifests/{domain}/latest.json")
    if manifest is None or "published_at" not in manifest:
        return None
    return Lateness(domain, manifest["published_at"], freshness(tables(domain, "gold"), manifest, now))


def _metadata(domain: str) -> str:
    return f"s3://{bucket_of('metadata', Settings().buckets(domain))}/metadata"
