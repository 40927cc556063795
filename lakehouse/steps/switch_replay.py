"""The switch: what a replay made otherwise than the live tables have it becomes their newest version.

A table that is the same is left alone, unless one that it is made of is not: then a commit without rows says which
version it has taken in, so that the next run finds nothing left to do.
"""

import logging
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from lakehouse.address import Address
from lakehouse.contract import Contract, published_inputs
from lakehouse.session import session_of_its_own
from lakehouse.steps.compare_replay import (
    Compared,
    ReplayError,
    in_order_of_the_flow,
    is_of_the_dates,
    read_comparison,
)
from lakehouse.steps.manifest import write_manifest
from lakehouse.steps.run import Run
from lakehouse.storage import delta_log, publication
from lakehouse.storage.columns import replace_whole
from lakehouse.storage.comparison import Values
from lakehouse.storage.delta import ensure_table, is_in_partitions, lineage_columns, literal
from lakehouse.storage.documents import write_document
from lakehouse.storage.publication import Publication, StaleCandidateError, publish_once
from lakehouse.storage.rejections import ensure_rejections

log = logging.getLogger(__name__)

_PAIRS_WORTH_NAMING = 500
"""Of more partitions by two columns the whole table is replaced."""

type Versions = dict[str, int | None]
"""Address → version of the live table."""


def switch_replay(spark: SparkSession, run: Run) -> None:
    """Publish what the run's replay made; again, it goes on. Raises ReplayError before anything is published.

    Raises ReplayError as well where somebody else published since the comparison.
    """
    compared, now = read_comparison(run)
    live = replace(run, source="")
    tables = list(in_order_of_the_flow(run))
    for address, contract in tables:
        _require_unmoved(live.uri(address), address, compared[str(address)])
        _require_switchable(live, address, contract, compared[str(address)])
    spark = session_of_its_own(spark)
    switched: dict[str, Any] = {}
    for address, contract in tables:
        table = compared[str(address)]
        if table.found.is_equal and not _says_too_little(run, address, contract, switched):
            continue
        after = _switch(spark, live, address, contract, table, now)
        switched[str(address)] = {"version_before": table.live_version, "version_after": after}
        now[str(address)] = after
        log.info("%s: version %s is version %s", address, table.live_version, after)
    write_document(run.switched_document, {"run_id": run.run_id, "domain": run.domain, "tables": switched})
    if switched:
        write_manifest(replace(live, layer="gold"))


def _says_too_little(run: Run, address: Address, contract: Contract, switched: Container[str]) -> bool:
    """Whether a table of which all is replayed was made of one that has a newer version now."""
    made_of = () if is_of_the_dates(run, contract) else _made_of(address, contract)
    return any(str(one) in switched for one in made_of)


def _made_of(address: Address, contract: Contract) -> Sequence[Address]:
    """What a commit of the table names; rejected rows name nothing."""
    if address.layer == "rejected":
        return ()
    beside = [address.at("rejected")] if contract.made_in == "silver" else []
    return [*published_inputs(contract), *beside]


def _require_unmoved(uri: str, address: Address, table: Compared) -> None:
    """What was compared is what is there: rewrites of files do not count, nor does what this switch did before.

    Of a table that was not there, one that is empty.
    """
    now = delta_log.version(uri)
    if now == table.live_version or publication.find(uri, table.uri, table.live_version or 0) is not None:
        return
    if delta_log.newest_alike(uri, table.live_version or 0) != now:
        raise ReplayError(f"{address} has changed since it was compared: replay again")


def _require_switchable(live: Run, address: Address, contract: Contract, table: Compared) -> None:
    if table.found.is_equal:
        return
    lost = [one for one in table.found.differences if not one.rows.replayed]
    if address.layer == "bronze" and lost:
        raise ReplayError(
            f"{address} holds {len(lost)} files that raw/archive/ has not: run the DAG {live.domain}, which archives "
            "what it has taken in, or replay with `--source bronze`"
        )
    if table.version is None:
        raise ReplayError(f"nothing was replayed of {address}, which has {table.found.rows.live} rows")
    if address.layer == "bronze" and table.found.other_columns:
        raise ReplayError(f"{address} has other columns than its contract: replay with `--source bronze`")
    if is_of_the_dates(live, contract) and table.found.other_columns:
        raise ReplayError(f"{address} has other columns than its contract: replay without dates")
    if is_of_the_dates(live, contract) and not publication.latest(live.uri(address)):
        raise ReplayError(f"what {address} has taken in is not known: replay without dates")


def _switch(
    spark: SparkSession, live: Run, address: Address, contract: Contract, table: Compared, now: Versions
) -> int:
    uri, compared = live.uri(address), table.live_version or 0
    if (made := publication.find(uri, table.uri, compared)) is not None:
        return made
    if address.layer == "rejected":
        ensure_rejections(spark, uri, contract)
    else:
        ensure_table(spark, uri, contract, lineage_columns(contract.made_in))
    base = delta_log.newest_alike(uri, compared)
    replayed = spark.read.format("delta").option("versionAsOf", table.version).load(table.uri)
    said = _publication(live, address, contract, table, now)
    try:
        return publish_once(spark, uri, base, said, lambda: _write(replayed, uri, address, contract, table))
    except StaleCandidateError as error:
        raise ReplayError(f"{address} has changed since it was compared: replay again") from error


def _publication(
    live: Run, address: Address, contract: Contract, table: Compared, now: Versions
) -> Publication:
    inputs = {
        str(one): version for one in _made_of(address, contract) if (version := now[str(one)]) is not None
    }
    beside = {name: inputs.pop(name) for name in [*inputs] if Address.parse(name).layer == "rejected"}
    if is_of_the_dates(live, contract):
        inputs = _taken_in_before(live.uri(address))  # as for the other dates
    sources = None
    if address.layer == "bronze":
        sources = sorted(str(one.partition["_source_hash"]) for one in table.found.differences)
    return Publication(table.uri, live.run_id, inputs, beside, sources)


def _taken_in_before(uri: str) -> dict[str, int]:
    found = publication.latest(uri)
    return found[1].inputs if found else {}


def _write(replayed: DataFrame, uri: str, address: Address, contract: Contract, table: Compared) -> None:
    parts = [one.partition for one in table.found.differences if one.partition]
    if table.found.is_equal:
        replayed.limit(0).write.format("delta").mode("append").save(uri)
    elif parts and (len(parts[0]) == 1 or len(parts) <= _PAIRS_WORTH_NAMING):
        which = _predicate(parts)
        rows = replayed.where(which)
        rows.write.format("delta").mode("overwrite").option("replaceWhere", which).save(uri)
    elif address == contract.address:
        replace_whole(replayed, uri, contract)
    else:
        replayed.write.format("delta").mode("overwrite").save(uri)


def _predicate(parts: Sequence[Values]) -> str:
    if len(parts[0]) > 1:
        return " OR ".join(f"({' AND '.join(_is(name, part[name]) for name in part)})" for part in parts)
    (column,) = parts[0]
    return is_in_partitions(column, [part[column] for part in parts])


def _is(column: str, value: str | None) -> str:
    return f"`{column}` IS NULL" if value is None else f"`{column}` = {literal(value)}"
