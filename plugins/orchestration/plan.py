"""What one run does: resolved once by the task `plan`, read by every other task through XCom."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from lakehouse.address import Address, bucket_of, is_bucket
from lakehouse.contract import made_in, published_inputs, tables
from lakehouse.release import Release
from lakehouse.settings import Settings

STEPS = {"bronze": "raw_to_bronze", "silver": "bronze_to_silver", "gold": "silver_to_gold"}
"""Layer → the step that makes it."""


class Plan(BaseModel):
    """Small and plain enough for XCom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: str
    run_id: str
    """Airflow's run id, safe as a part of an S3 key."""
    buckets: dict[str, str]
    """Layer → bucket, `*` standing for every layer not named."""
    tables: dict[str, list[str]]
    """Layer → tables that this run makes, parents first."""
    dates: list[date] = []
    """Business dates to recompute; empty: those that new files touch."""
    full_refresh: bool = False
    rejected_share_limit: float | None = None
    release: Release | None = None
    """Rejected rows to judge again."""
    wait_minutes: int = 0
    """How long to wait for files; 0: look once."""
    environment: str = "dev"
    """Which of the contracts' policies count."""

    @property
    def needs_new_files(self) -> bool:
        return not (self.dates or self.full_refresh or self.release)

    @property
    def buckets_json(self) -> str:
        return json.dumps(self.buckets)

    def uri(self, prefix: str, *parts: str) -> str:
        """S3 URI of a path that starts with a layer or another top-level prefix."""
        return "/".join((f"s3://{bucket_of(prefix, self.buckets)}", prefix, *parts))

    def candidate_uri(self, layer: str) -> str:
        return self.uri("metadata", "runs", self.run_id, layer, "candidate.json")

    def published_uri(self, layer: str) -> str:
        return self.uri("metadata", "runs", self.run_id, layer, "published.json")

    def verdict_uri(self, layer: str, table: str) -> str:
        return self.uri("metadata", "validations", self.run_id, layer, f"{table}.json")

    def decision_uri(self, layer: str, table: str) -> str:
        return self.uri("metadata", "decisions", self.run_id, layer, f"{table}.json")


def resolve(domain: str, params: Mapping[str, Any], run: Any, settings: Settings) -> Plan:
    """Resolve a run's plan.

    Args:
        domain: Such as `ecommerce`.
        params: The trigger form.
        run: The DAG run: `run_id`, `run_type`, `data_interval_start`, `data_interval_end`.
        settings: Names the buckets and the environment; asks STS for the account id when none is set.

    Raises:
        ValueError: A dataset is unknown, the range of dates runs backwards, the table of the release is not made, or
            the domain is kept in a folder.
    """
    made = _tables_made_from(domain, params.get("datasets") or [])
    buckets = settings.buckets(domain)
    _require_s3(domain, buckets)
    return Plan(
        domain=domain,
        run_id=re.sub(r"[^A-Za-z0-9_.-]", "-", run.run_id),
        buckets=buckets,
        tables=made,
        dates=_dates(params, run),
        full_refresh=bool(params.get("full_refresh")),
        rejected_share_limit=params.get("rejected_share_limit"),
        release=_release(params, made["silver"]),
        wait_minutes=params.get("wait_minutes") or 0 if run.run_type == "scheduled" else 0,
        environment=settings.environment,
    )


def _require_s3(domain: str, buckets: Mapping[str, str]) -> None:
    folders = {place for place in buckets.values() if not is_bucket(place)}
    if folders:
        raise ValueError(
            f"{domain} is kept in {', '.join(sorted(folders))}, and Athena reads S3 alone: run its steps by "
            "`lakehouse step`, or set storage.backend to s3"
        )


def _tables_made_from(domain: str, datasets: list[str]) -> dict[str, list[str]]:
    delivered = [contract.name for contract in tables(domain, "bronze")]
    if unknown := set(datasets) - {*delivered}:
        raise ValueError(
            f"{domain} has no dataset {', '.join(sorted(unknown))}; it has {', '.join(delivered)}"
        )
    made = {"bronze": [name for name in delivered if name in datasets or not datasets]}
    chosen = {Address(domain, "bronze", name) for name in made["bronze"]}
    for layer in ("silver", "gold"):
        contracts = [c for c in made_in(domain, layer) if chosen.intersection(published_inputs(c))]
        made[layer] = [contract.name for contract in contracts]
        chosen.update(contract.address for contract in contracts)
    return made


def _release(params: Mapping[str, Any], made: list[str]) -> Release | None:
    if not params.get("release"):
        return None
    release = Release.model_validate(params["release"])
    if release.table not in made:
        raise ValueError(
            f"the release names {release.table!r}; of silver this run makes {', '.join(made) or 'no table'}"
        )
    return release


def _dates(params: Mapping[str, Any], run: Any) -> list[date]:
    named = {date.fromisoformat(text) for text in params.get("dates") or []}
    if params.get("from"):
        first = date.fromisoformat(params["from"])
        last = date.fromisoformat(params.get("to") or params["from"])
        if last < first:
            raise ValueError(f"the range of dates runs backwards: from {first} to {last}")
        named.update(_days(first, last + timedelta(days=1)))
    elif params.get("to"):
        raise ValueError("'to' is given without 'from': give both, or only 'from' for one date")
    if not named and run.run_type == "backfill":
        named.update(_days(_day(run.data_interval_start), _day(run.data_interval_end)))
    return sorted(named)


def _day(moment: datetime) -> date:
    return moment.date()


def _days(first: date, end: date) -> list[date]:
    """The days from `first` until before `end`."""
    return [first + timedelta(days=n) for n in range((end - first).days)]
