"""What a step is told, and where a run keeps its candidates and documents."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from uuid import uuid4

from pydantic import ValidationError

from lakehouse.address import Address, root_of
from lakehouse.contract import Contract, made_in
from lakehouse.logs import DEFAULT_LEVEL, LOG_LEVELS
from lakehouse.release import Release

type Source = Literal["", "archive", "bronze"]


def new_attempt() -> str:
    """A name that no other attempt has."""
    return uuid4().hex[:8]


@dataclass(frozen=True)
class Run:
    """One run of a domain's pipeline as a step sees it."""

    domain: str
    run_id: str
    buckets: dict[str, str]
    expectations_uri: str
    tables: tuple[str, ...] = ()
    """Tables to handle; empty for every table of the layer."""
    full_refresh: bool = False
    dates: tuple[date, ...] = ()
    """Business dates to recompute in gold besides those that arrivals touch."""
    rejected_share_limit: float | None = None
    """Instead of the contracts' limits, for the one run that accepts a bad delivery's good rows."""
    release: Release | None = None
    """Rejected rows to judge again besides what arrivals touch."""
    environment: str = "dev"
    """Which of the contracts' policies count, such as `schemaPolicy`."""
    versions: dict[str, int] = field(default_factory=dict)
    """Address → Delta version that `restore` goes back to."""
    layer: str = ""
    """The layer that `publish` publishes; that `maintain` maintains, where empty: every layer."""
    dry_run: bool = False
    """Whether `maintain` only reports what it would do."""
    source: Source = ""
    """What `replay` makes the tables from, beside the live ones; empty: the run works on the live ones."""
    switch: bool = False
    """Whether `replay` makes what it made, and compared, the live tables' newest versions."""
    log_level: str = DEFAULT_LEVEL
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    attempt: str = field(default_factory=new_attempt)
    """Two attempts of one step, even both alive, never write to the same place."""

    @property
    def build(self) -> str:
        """The deployed build, by the folder that its suites lie in: a commit, or `scripts` where none is named."""
        return self.expectations_uri.split("/")[-2]

    def contracts(self, layer: str) -> list[Contract]:
        """The contracts of the tables that this run makes in a layer's step, parents first."""
        return [c for c in made_in(self.domain, layer) if not self.tables or c.name in self.tables]

    def uri(self, address: Address) -> str:
        """Where the run reads and writes a table: of a replay beside the live one, on the shelf of candidates."""
        if not self.makes_beside(address.layer):
            return address.uri(self.buckets)
        shelf = "silver" if address.layer == "rejected" else address.layer
        root = root_of(shelf, self.buckets)
        return f"{root}/{shelf}/processing/{self.run_id}/replay/{address.layer}/{address.table}"

    def makes_beside(self, layer: str) -> bool:
        """Whether the run makes the tables of a layer beside the live ones."""
        return self.source == "archive" or (self.source == "bronze" and layer != "bronze")

    def landing_uris(self, contract: Contract) -> list[str]:
        """Where the files of a dataset are delivered."""
        root = root_of("raw", self.buckets)
        return [f"{root}/{folder}" for folder in contract.landings.values()]

    def candidate_uri(self, address: Address) -> str:
        root = root_of(address.layer, self.buckets)
        return f"{root}/{address.layer}/processing/{self.run_id}/{address.table}-{self.attempt}"

    def candidate_document(self, layer: str) -> str:
        return f"{self._documents}/runs/{self.run_id}/{layer}/candidate.json"

    def published_document(self, layer: str) -> str:
        return f"{self._documents}/runs/{self.run_id}/{layer}/published.json"

    def verdict_document(self, address: Address) -> str:
        name = f"{self.run_id}/{address.layer}/{address.table}"
        return f"{self._documents}/validations/{name}.json"

    def docs_page(self, address: Address) -> str:
        name = f"{self.run_id}/{address.layer}/{address.table}"
        return f"{self._documents}/data_docs/{name}.html"

    @property
    def restored_document(self) -> str:
        """What a run of `restore` did."""
        return f"{self._metadata}/runs/{self.run_id}/restored.json"

    @property
    def comparison_document(self) -> str:
        """How the tables of a replay differ from the live ones."""
        return f"{self._documents}/runs/{self.run_id}/comparison.json"

    @property
    def switched_document(self) -> str:
        """What the switch to a replay did."""
        return f"{self._documents}/runs/{self.run_id}/switched.json"

    def manifest_document(self, name: str) -> str:
        """The publish manifest of a run, or `latest`."""
        return f"{self._metadata}/manifests/{self.domain}/{name}.json"

    @property
    def maintenance_document(self) -> str:
        """What a run of `maintain` found and did."""
        return f"{self._metadata}/maintenance/{self.domain}/{self.run_id}.json"

    @property
    def _documents(self) -> str:
        """What a replay says of its tables is not said of the live ones."""
        return f"{self._metadata}/replays" if self.source else self._metadata

    @property
    def _metadata(self) -> str:
        return f"{root_of('metadata', self.buckets)}/metadata"


def parse_run(arguments: Sequence[str]) -> Run:
    """Read a Glue job's arguments; those that Glue adds for itself are passed over."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--domain", required=True)
    parser.add_argument("--run-id", required=True)
    parser.add_argument("--buckets", required=True, type=json.loads)
    parser.add_argument("--expectations-uri", required=True)
    parser.add_argument("--tables", type=_words, default=())
    parser.add_argument("--full-refresh", type=_truth, default=False)
    parser.add_argument("--dates", type=_dates, default=())
    parser.add_argument("--rejected-share-limit", type=float)
    parser.add_argument("--release", type=_release)
    parser.add_argument("--environment", default="dev")
    parser.add_argument("--versions", type=json.loads, default={})
    parser.add_argument("--layer", default="")
    parser.add_argument("--dry-run", type=_truth, default=False)
    parser.add_argument("--source", choices=("", "archive", "bronze"), default="")
    parser.add_argument("--switch", type=_truth, default=False)
    parser.add_argument("--log-level", choices=LOG_LEVELS, default=DEFAULT_LEVEL)
    known, _ = parser.parse_known_args(arguments)
    return Run(**vars(known))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def _dates(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(word) for word in _words(text))


def _release(text: str) -> Release:
    try:
        return Release.model_validate_json(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no release: {error}") from error


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() == "true"
