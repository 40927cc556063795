"""Which versions of a domain's tables belong together, from what their newest publications say."""

import json
from typing import TYPE_CHECKING

import pytest

from lakehouse.contract import tables
from lakehouse.steps import manifest
from lakehouse.steps.run import Run
from lakehouse.storage import publication
from lakehouse.storage.publication import Publication

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.usefixtures("lake")

type Published = dict[str, tuple[int, dict[str, int]]]
"""Address → version and versions of the inputs."""

BRONZE = "market_data.bronze.coinbase_messages"
SILVER = {"level2": 4, "market_trades": 7, "messages": 9, "products": 1, "ticker": 3}


def published(**of_bronze: int) -> Published:
    """A domain whose silver tables took in these versions of bronze, 9 where none is named, and gold all of them."""
    silver = {f"market_data.silver.{name}": version for name, version in SILVER.items()}
    found = {
        address: (version, {BRONZE: of_bronze.get(address.rpartition(".")[2], 9)})
        for address, version in silver.items()
    }
    for contract in tables("market_data", "gold"):
        found[str(contract.address)] = (2, {str(a): silver[str(a)] for a in contract.inputs})
    return found


def versions(found: Published, monkeypatch: pytest.MonkeyPatch) -> dict[str, int] | None:
    run = Run("market_data", "r", {"*": "lake"}, "s3://lake/scripts")

    def latest(uri: str, until: int | None = None) -> tuple[int, Publication] | None:
        folder, _, table = uri.removeprefix("s3://lake/").rpartition("/")
        layer = "silver" if folder == "processed/coinbase" else folder
        if (of_table := found.get(f"market_data.{layer}.{table}")) is None:
            return None
        version, inputs = of_table
        assert until is None or until >= version
        return version, Publication("candidate", "r", inputs, {f"market_data.rejected.{table}": 5})

    monkeypatch.setattr(publication, "latest", latest)
    return manifest.consistent_versions(run)


def test_tables_that_gold_does_not_read_belong_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = versions(published(), monkeypatch)

    assert made is not None
    assert {name: made[f"market_data.silver.{name}"] for name in SILVER} == SILVER
    assert made[BRONZE] == 9
    assert {version for address, version in made.items() if ".gold." in address} == {2}
    assert {version for address, version in made.items() if ".rejected." in address} == {5}


def test_a_table_for_which_a_delivery_held_nothing_does_not_hold_the_manifest_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Several tables are made from one of bronze, and a segment need not name a product."""
    made = versions(published(products=3, market_trades=6), monkeypatch)

    assert made is not None
    assert made[BRONZE] == 9
    assert made["market_data.silver.products"] == 1


def test_gold_of_different_silver_does_not_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    found = published()
    found["market_data.gold.ohlcv_1m"] = (2, {"market_data.silver.messages": 8})

    assert versions(found, monkeypatch) is None


@pytest.mark.parametrize("missing", ["market_data.gold.depth_1m", "market_data.silver.ticker"])
def test_a_domain_with_a_table_that_is_missing_has_no_manifest(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    found = published()
    del found[missing]

    assert versions(found, monkeypatch) is None


def commit(lake: "S3Client", table: str, number: int, *, data_change: bool) -> None:
    action = {"add": {"path": f"{number}", "partitionValues": {}, "size": 1, "dataChange": data_change}}
    key = f"{table}/_delta_log/{number:020d}.json"
    lake.put_object(Bucket="lake", Key=key, Body=json.dumps(action).encode())


def test_a_rewrite_between_two_publications_does_not_part_them(
    lake: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gold's tables took in `messages` before and after an OPTIMIZE: the same rows, so they belong together."""
    for number in (9, 10):
        commit(lake, "processed/coinbase/messages", number, data_change=number == 9)
    found = published()
    found["market_data.gold.completeness_1m"][1]["market_data.silver.messages"] = 10

    made = versions(found, monkeypatch)

    assert made is not None
    assert made["market_data.silver.messages"] == 10


def test_rows_that_came_between_two_publications_part_them(
    lake: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (9, 10):
        commit(lake, "processed/coinbase/messages", number, data_change=True)
    found = published()
    found["market_data.gold.completeness_1m"][1]["market_data.silver.messages"] = 10

    assert versions(found, monkeypatch) is None
