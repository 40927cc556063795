"""Cast, references and resolve together, on random rows with everything wrong, against the oracle."""

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.address import Address
from lakehouse.contract import LINEAGE, tables
from lakehouse.records.cast import RULES, cast_columns
from lakehouse.records.references import check_references
from lakehouse.records.resolve import CATEGORY, RULE, STATUS, STATUSES, resolve
from tests.lakehouse.frames import as_printed, frame, texts
from tests.oracle.ecommerce import COLUMNS, Delivery, calculate

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DELIVERIES = 3
ROWS = 120
# Few values, so that keys, versions and whole rows meet again and again; every third list holds what does not parse.
VALUES: dict[str, list[str]] = {
    "product_id": ["1", "2", "2.0", "3", "4", "", "x"],
    "department_id": ["1", "1.0", "2", "one"],
    "department": ["Books", "Toys", ""],
    "product_name": ["Atlas", "Ball"],
    "order_num": ["1", "2", "", "x"],
    "order_id": ["1", "2", "3", "4", "5.0", "", "1.5"],
    "user_id": ["7", "8", "7", "8", ""],
    "order_timestamp": [
        "2025-04-01T10:00:00",
        "2025-04-01 10:00Z",
        "2025-04-01T12:00",
        "2025-04-02",
        "10:00",
    ],
    "total_amount": ["5", "5.00", "-1", "0.005", "n/a"],
    "date": ["2025-04-01", "2025-04-02", "2025-04-31"],
    "id": ["1", "2", "3", "3.0", "-"],
    "days_since_prior_order": ["", "0", "1", "x"],
    "add_to_cart_order": ["1", "2", "3", "2147483648"],
    "reordered": ["0", "1", "", "yes"],
}


def deliveries(seed: int) -> list[Delivery]:
    rng = random.Random(seed)

    def value(column: str) -> str:
        # What does not parse stands last: a row of nine columns must have a chance to be valid.
        choices = VALUES[column]
        return rng.choice(choices if rng.random() < 0.2 else choices[:2])

    return [
        Delivery(
            [
                (
                    dataset,
                    [{name: value(name) for name, *_ in COLUMNS[dataset]} for _ in range(ROWS // DELIVERIES)],
                )
                for dataset in COLUMNS
            ]
        )
        for _ in range(DELIVERIES)
    ]


@pytest.mark.parametrize("seed", range(2))
def test_engine_and_oracle_agree(spark: "SparkSession", seed: int) -> None:
    given = deliveries(seed)
    expected = calculate(given)
    assert set(expected.counts["order_items"]) == set(STATUSES)
    parents: dict[Address, DataFrame] = {}
    for contract in tables("ecommerce", "silver"):
        name = contract.name
        rows = [
            {**row, "_delivered_at": f"2025-04-0{number}", "_source_hash": str(number), "_source_row": line}
            for number, delivery in enumerate(given, start=1)
            for line, row in enumerate(dict(delivery.files)[name], start=2)
        ]
        bronze = frame(spark, {**dict.fromkeys(contract.column_names, "string"), **LINEAGE}, rows)
        cast = cast_columns(bronze, contract)

        judged = resolve(check_references(cast, contract, parents), contract).drop(RULES).persist()

        published = judged.where(f"{STATUS} = 'published'").select(*contract.column_names)
        assert Counter(map(pairs, texts(published))) == Counter(
            pairs(printed(r)) for r in expected.silver[name]
        )
        refused = judged.where(f"{STATUS} = 'rejected'").select(*contract.column_names, CATEGORY, RULE)
        assert Counter(map(pairs, texts(refused))) == Counter(
            pairs({**printed(one.row), CATEGORY: one.category, RULE: one.rule})
            for one in expected.rejected[name]
        )
        assert Counter(row[STATUS] for row in judged.select(STATUS).collect()) == expected.counts[name]
        parents[contract.address] = published.localCheckpoint()
        judged.unpersist()


def printed(row: dict[str, Any]) -> dict[str, str | None]:
    return {name: as_printed(value) for name, value in row.items()}


def pairs(row: dict[str, str | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple(sorted(row.items()))
