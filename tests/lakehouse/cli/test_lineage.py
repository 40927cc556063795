"""`lakehouse lineage`: both directions as trees."""

import pytest
from typer.testing import CliRunner

from lakehouse.cli.failure import CommandError
from lakehouse.cli.main import app


def lakehouse(*words: str) -> list[str]:
    result = CliRunner().invoke(app, ["lineage", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return [line.strip(" │├└─") for line in result.stdout.splitlines()]


def test_both_directions_are_shown() -> None:
    assert lakehouse("ecommerce.products") == [
        "ecommerce.silver.products is made from",
        "ecommerce.bronze.products",
        "ecommerce.silver.products goes into",
        "ecommerce.gold.customer_insights",
        "ecommerce.gold.department_analytics",
        "ecommerce.gold.product_performance",
    ]


def test_a_table_that_does_not_exist_is_named() -> None:
    with pytest.raises(CommandError, match="has no table 'weather'"):
        lakehouse("ecommerce.gold.weather")
