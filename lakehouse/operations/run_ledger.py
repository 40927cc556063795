"""What the run ledger knows of a domain: its table in Athena, and the records under `raw/` that no run has loaded yet.

Read from bronze, which keeps every record: gold keeps one for each run, and a run that a backfill repeats is recorded
again, so that gold no longer says when its dates were published first.
"""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import boto3

from lakehouse.address import TABLE_LAYERS, Address, bucket_of
from lakehouse.contract import load, made_in
from lakehouse.operations.athena import query
from lakehouse.settings import Settings
from lakehouse.storage.documents import listed

_RECORDS = Address("operations", "bronze", "runs")
_TABLE = f"{_RECORDS.database}.{_RECORDS.table}"
_EVERY_DATE = "all"
"""What the column `dates` says of a table that was made whole."""
_RUNS_OF_HISTORY = 50
_READERS = 8
"""At once: a day of market_data has hundreds of records that wait."""

type Record = Mapping[str, str | None]


@dataclass(frozen=True)
class Publication:
    """Publications of a table of gold that contract, code and dates do not tell apart."""

    table_address: str
    run_id: str
    """Of the last."""
    contract_version: str
    code_version: str | None
    """None where the record is from before it was told."""
    dates: frozenset[date] | None
    """Business dates that were made anew; None: the whole table."""
    first: datetime
    last: datetime

    def covers(self, day: date) -> bool:
        return self.dates is None or day in self.dates


@dataclass(frozen=True)
class TableCost:
    """What a run cost for one table."""

    run_id: str
    run_type: str
    table_address: str
    step: str
    """The layer whose step made the table."""
    outcome: str
    seconds: float
    """Of the step's Glue runs, the same for each of its tables."""
    usd: float
    recorded_at: datetime


def publications(settings: Settings, domain: str) -> list[Publication]:
    """Every publication of gold, none where the ledger is empty; raises QueryError."""
    key = "table_address, contract_version, code_version, dates"
    sql = (
        f"SELECT {key}, MAX_BY(run_id, recorded_at) AS run_id, MIN(recorded_at) AS first,"  # noqa: S608
        f" MAX(recorded_at) AS last FROM {_TABLE}"
        f" WHERE domain = '{domain}' AND layer = 'gold' AND outcome = 'published' GROUP BY {key}"
    )
    waiting = (
        {**record, "first": record["recorded_at"], "last": record["recorded_at"]}
        for record in _waiting(settings, domain)
        if record["layer"] == "gold" and record["outcome"] == "published"
    )
    return [_publication(record) for record in (*_loaded(settings, sql), *waiting)]


def recent_costs(settings: Settings, domain: str) -> list[TableCost]:
    """What the newest runs that published gold cost; raises QueryError."""
    newest = (
        f"SELECT run_id FROM {_TABLE} WHERE domain = '{domain}' AND layer = 'gold'"  # noqa: S608
        f" AND outcome = 'published' GROUP BY run_id ORDER BY MAX(recorded_at) DESC LIMIT {_RUNS_OF_HISTORY}"
    )
    return _costs(settings, domain, f"run_id IN ({newest})")


def costs_of(settings: Settings, domain: str, run_ids: Iterable[str]) -> list[TableCost]:
    """What runs cost, by their ids as the ledger has them; raises QueryError."""
    wanted = set(run_ids)
    if not wanted:
        return []
    names = ", ".join(f"'{run_id}'" for run_id in sorted(wanted))
    return [cost for cost in _costs(settings, domain, f"run_id IN ({names})") if cost.run_id in wanted]


def costs_since(settings: Settings, domain: str, since: datetime) -> list[TableCost]:
    """What runs cost that were recorded later than `since`; raises QueryError."""
    later = f"recorded_at > '{since.astimezone(UTC).isoformat()}'"  # of text, all of it ISO 8601 in UTC
    return [cost for cost in _costs(settings, domain, later) if cost.recorded_at > since]


def recorded_cost(settings: Settings, domain: str, run_id: str) -> list[TableCost]:
    """What a run cost that has just ended, by the record that it delivered; empty where it did nothing."""
    steps = _steps(domain)
    records = (record for record in _waiting(settings, domain, run_id) if record["run_id"] == run_id)
    return [_cost(record, steps) for record in records if record["table_address"] in steps]


def _costs(settings: Settings, domain: str, condition: str) -> list[TableCost]:
    sql = (
        "SELECT run_id, run_type, table_address, outcome, candidate_seconds, publish_seconds, cost_usd,"  # noqa: S608
        f" recorded_at FROM {_TABLE} WHERE domain = '{domain}' AND {condition}"
    )
    steps = _steps(domain)
    found = {
        (cost.run_id, cost.table_address, cost.recorded_at): cost
        for record in (*_loaded(settings, sql), *_waiting(settings, domain))
        if record["table_address"] in steps
        for cost in (_cost(record, steps),)
    }
    return list(found.values())


def _steps(domain: str) -> dict[str | None, str]:
    """Table → the layer whose step makes it."""
    return {str(contract.address): layer for layer in TABLE_LAYERS for contract in made_in(domain, layer)}


def _loaded(settings: Settings, sql: str) -> list[Record]:
    if not _is_registered(settings):  # nothing was ever loaded
        return []
    found = query(sql, settings)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def _is_registered(settings: Settings) -> bool:
    """Asked of the catalog, which answers at once and costs nothing."""
    glue = boto3.client("glue", region_name=settings.region)
    try:
        glue.get_table(DatabaseName=_RECORDS.database, Name=_RECORDS.table)
    except glue.exceptions.EntityNotFoundException:
        return False
    return True


def _waiting(settings: Settings, domain: str, run_id: str = "") -> list[Record]:
    """Records of a domain, or of runs whose id begins so, that the domain `operations` has not loaded yet."""
    bucket = bucket_of("raw", settings.buckets(_RECORDS.domain))
    folder = load(_RECORDS).landings[_RECORDS.table]
    s3 = boto3.client("s3", region_name=settings.region)
    keys = [entry["Key"] for entry in listed(f"s3://{bucket}/{folder}/{domain}-{run_id}")]

    def read(key: str) -> list[Record]:
        lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
        return [_as_text(json.loads(line)) for line in lines]

    with ThreadPoolExecutor(_READERS) as readers:
        return [record for records in readers.map(read, keys) for record in records]


def _as_text(record: Mapping[str, object]) -> Record:
    """As bronze has it."""
    return {name: None if value is None else str(value) for name, value in record.items()}


def _publication(record: Record) -> Publication:
    return Publication(
        table_address=_text(record, "table_address"),
        run_id=_text(record, "run_id"),
        contract_version=_text(record, "contract_version"),
        code_version=record.get("code_version"),
        dates=_dates(record.get("dates")),
        first=datetime.fromisoformat(_text(record, "first")),
        last=datetime.fromisoformat(_text(record, "last")),
    )


def _dates(told: str | None) -> frozenset[date] | None:
    """A record from before dates were told names none."""
    if told == _EVERY_DATE:
        return None
    return frozenset(map(date.fromisoformat, told.split(","))) if told else frozenset()


def _cost(record: Record, steps: Mapping[str | None, str]) -> TableCost:
    return TableCost(
        run_id=_text(record, "run_id"),
        run_type=_text(record, "run_type"),
        table_address=_text(record, "table_address"),
        step=steps[record["table_address"]],
        outcome=_text(record, "outcome"),
        seconds=float(_text(record, "candidate_seconds")) + float(_text(record, "publish_seconds")),
        usd=float(_text(record, "cost_usd")),
        recorded_at=datetime.fromisoformat(_text(record, "recorded_at")),
    )


def _text(record: Record, name: str) -> str:
    """A value that every record has."""
    value = record[name]
    if value is None:
        raise ValueError(f"a record of the run ledger has no {name}: {dict(record)}")
    return value
