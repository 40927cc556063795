"""The checkpoint results that runs left in the bucket."""

from dataclasses import dataclass

from lakehouse.address import TABLE_LAYERS, bucket_of
from lakehouse.contract import tables
from lakehouse.quality.verdict import Judgement, Outcome
from lakehouse.settings import Settings
from lakehouse.storage.documents import listed, read_document


@dataclass(frozen=True)
class Validation:
    """One table's latest verdict that judged something."""

    address: str
    run_id: str
    outcome: Outcome
    rows: int
    files: list[str]
    expectations: list[Judgement]
    docs_uri: str | None


def latest_validations(settings: Settings, domain: str) -> list[Validation]:
    """The latest verdict of each table of a domain, in the order of the flow."""
    bucket = bucket_of("metadata", settings.buckets(domain))
    newest = _newest(bucket)
    addresses = [c.address for layer in TABLE_LAYERS for c in tables(domain, layer)]
    return [newest[str(address)] for address in addresses if str(address) in newest]


def _newest(bucket: str) -> dict[str, Validation]:
    entries = listed(f"s3://{bucket}/metadata/validations/")
    newest: dict[str, Validation] = {}
    found: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry["LastModified"], reverse=True):
        place = entry["Key"].split("/", 3)[3]  # <layer>/<table>.json
        if place in found:
            continue
        validation = _read(f"s3://{bucket}/{entry['Key']}")
        if validation.outcome != "nothing_new":
            newest[validation.address] = validation
            found.add(place)
    return newest


def _read(uri: str) -> Validation:
    document = read_document(uri)
    return Validation(
        address=document["address"],
        run_id=document["run_id"],
        outcome=document["outcome"],
        rows=document["rows"],
        files=document["files"],
        expectations=[Judgement(**one) for one in document["expectations"]],
        docs_uri=document["docs_uri"],
    )
