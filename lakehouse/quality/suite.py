"""A table's Great Expectations suite: what its contract says, and its file under expectations/.

Structural expectations derive from the contract, so that no file repeats it. The file
`expectations/<domain>/<layer>/<table>.json` holds what only the business knows; it is a Great Expectations suite.
"""

import json
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from lakehouse.contract import Contract
from lakehouse.records.references import found_column
from lakehouse.steps.run import Run
from lakehouse.storage.documents import DocumentNotFoundError, read_document

JUDGED = "_judged"
"""Column of a silver candidate that says `accepted`, or which rule refused the row."""

CRITICAL, WARNING = "critical", "warning"


def build_suite(run: Run, contract: Contract) -> gx.ExpectationSuite:
    """The suite of a table, named by its address."""
    derived = _DERIVED[contract.made_in](run, contract)
    return gx.ExpectationSuite(name=str(contract.address), expectations=[*derived, *_declared(run, contract)])


def _declared(run: Run, contract: Contract) -> list[Expectation]:
    a = contract.address
    try:
        document = read_document(f"{run.expectations_uri}/{a.domain}/{a.layer}/{a.table}.json")
    except DocumentNotFoundError:
        return []
    return [_expectation(entry, str(a)) for entry in document["expectations"]]


def _expectation(entry: dict[str, Any], suite: str) -> Expectation:
    name = "".join(word.capitalize() for word in entry["type"].split("_"))
    try:
        made: Expectation = getattr(gxe, name)(
            **entry.get("kwargs", {}), severity=entry["severity"], description=entry["description"]
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"suite {suite}: {json.dumps(entry)}: {error!r}; see docs/data_quality.md"
        ) from error
    return made


def _bronze(_: Run, contract: Contract) -> list[Expectation]:
    return [
        _columns(contract),
        gxe.ExpectColumnValuesToBeNull(
            column="_missing_columns",
            severity=CRITICAL,
            description="every file has every column of the contract",
        ),
        gxe.ExpectColumnValuesToBeNull(
            column="_unexpected_columns",
            severity=WARNING,
            description="no file has a column or cell that the contract does not name",
        ),
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1, severity=WARNING, description="the delivery holds at least one row"
        ),
    ]


def _silver(run: Run, contract: Contract) -> list[Expectation]:
    limit = (
        contract.rules.rejectedShareLimit if run.rejected_share_limit is None else run.rejected_share_limit
    )
    mostly = 1 - limit
    required = [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column.name,
            mostly=mostly,
            severity=CRITICAL,
            description=f"{column.name} must be present and a valid {column.logicalType}",
        )
        for column in contract.columns
        if column.required
    ]
    references = [
        gxe.ExpectColumnValuesToBeInSet(
            column=found_column(column),
            value_set=[True],
            mostly=mostly,
            severity=CRITICAL,
            description=f"{column} must exist in {reference.address}",
        )
        for column, reference in contract.references.items()
    ]
    accepted = gxe.ExpectColumnValuesToBeInSet(
        column=JUDGED,
        value_set=["accepted", "duplicate_key"],
        mostly=mostly,
        severity=CRITICAL,
        description=f"at most {limit:.2%} of the rows may be rejected",
    )
    return [_columns(contract), *required, *references, accepted, _unique(contract, "_status = 'published'")]


def _gold(_: Run, contract: Contract) -> list[Expectation]:
    required = [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column.name, severity=CRITICAL, description=f"{column.name} must be present"
        )
        for column in contract.columns
        if column.required
    ]
    return [_columns(contract), *required, _unique(contract, "true")]


def _columns(contract: Contract) -> Expectation:
    return gxe.ExpectTableColumnsToMatchSet(
        column_set=contract.column_names,
        exact_match=False,
        severity=CRITICAL,
        description="the table has every column of its contract",
    )


def _unique(contract: Contract, where: str) -> Expectation:
    keys = ", ".join(contract.primary_key)
    query = f"SELECT {keys} FROM {{batch}} WHERE {where} GROUP BY {keys} HAVING COUNT(*) > 1"  # noqa: S608
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=query, severity=CRITICAL, description=f"({keys}) must be unique"
    )


_DERIVED = {"bronze": _bronze, "silver": _silver, "gold": _gold}
