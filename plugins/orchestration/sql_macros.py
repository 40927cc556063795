"""What the SQL under include/sql/ may ask of the run that executes it."""

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context

from lakehouse.address import Address, bucket_of, query_results_uri
from lakehouse.fhir.value_set import pattern
from orchestration.documents import current_plan, find_document


@pass_context
def bucket(context: Any, layer: str) -> str:
    """The bucket of a layer, such as `gold`."""
    return bucket_of(layer, current_plan(context).buckets)


@pass_context
def query_results(context: Any) -> str:
    """Where Athena's results go; empty where the work group says it."""
    return query_results_uri(current_plan(context).buckets) or ""


@pass_context
def uri(context: Any, address: str) -> str:
    """The S3 URI of a table, such as `ecommerce.gold.daily_sales`."""
    return Address.parse(address).uri(current_plan(context).buckets)


@pass_context
def is_of_this_run(context: Any, column: str, table: str) -> str:
    """A condition on a column of business dates.

    As in `WHERE {{ is_of_this_run('date', 'market_data.gold.ohlcv_1m') }}`. It holds for the dates of the table that
    the run has made anew: those alone are read, by their partitions. It holds for every date where the run made the
    table whole, and for none where it had nothing new.
    """
    plan, address = current_plan(context), Address.parse(table)
    candidates = (find_document(plan.candidate_uri(address.layer)) or {}).get("tables", {})
    candidate = candidates.get(address.table, {})
    if candidate.get("outcome") != "candidate":
        return "FALSE"
    dates = candidate["partitions"]
    return "TRUE" if dates is None else f"{column} IN ({', '.join(f"DATE '{date}'" for date in dates)})"


def is_in_value_set(column: str, *names: str) -> str:
    """A condition on a column of tokens `system|code`: that one of them is in one of the clinical value sets.

    As in `WHERE {{ is_in_value_set('codes', 'hospice') }}`; raises ValueSetError.
    """
    return f"COALESCE(REGEXP_LIKE({column}, '{pattern(*names).replace("'", "''")}'), FALSE)"


MACROS: dict[str, Callable[..., str]] = {
    macro.__name__: macro for macro in (bucket, uri, query_results, is_of_this_run, is_in_value_set)
}
