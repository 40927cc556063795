"""Run a suite on a written candidate with Great Expectations."""

import os
from threading import Lock

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # before the import, which reads it

import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from pyspark.sql import DataFrame

from lakehouse.quality.verdict import Judgement

# Great Expectations keeps the context that it works in for the whole process.
_ONE_AT_A_TIME = Lock()

# The verdict alone is one pass over the rows; what was observed costs passes for every expectation.
_VERDICT = {"result_format": "BOOLEAN_ONLY"}
# Counts, never values: results are kept and shown, and rows may be about patients.
_DIAGNOSIS = {"result_format": "BASIC", "partial_unexpected_count": 0}


def validate(rows: DataFrame, suite: gx.ExpectationSuite) -> ExpectationSuiteValidationResult:
    """The suite's result on `rows`, read several times; failures come with what was observed."""
    with _ONE_AT_A_TIME:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = context.data_sources.add_spark("candidate").add_dataframe_asset(suite.name)
        batch = asset.add_batch_definition_whole_dataframe("candidate").get_batch({"dataframe": rows})
        result = batch.validate(suite, result_format=_VERDICT)
        failed = [one.expectation_config for one in result.results if not one.success]
        if failed:
            diagnosed = batch.validate(
                gx.ExpectationSuite(name=suite.name, expectations=failed), result_format=_DIAGNOSIS
            )
            result.results = [*diagnosed.results, *(one for one in result.results if one.success)]
    return result


def judgements(result: ExpectationSuiteValidationResult) -> list[Judgement]:
    """Each expectation's result in the words of the gate; an expectation that could not run has failed."""
    return [_judgement(one) for one in result.results]


def _judgement(result: ExpectationValidationResult) -> Judgement:
    config = result.expectation_config
    return Judgement(
        type=config.type,
        column=config.kwargs.get("column"),
        severity=str(getattr(config.severity, "value", config.severity)),
        success=bool(result.success),
        expectation=config.description or config.type,
        observed=_observed(result),
    )


def _observed(result: ExpectationValidationResult) -> str:
    details = result.result or {}
    if result.success:
        return "as expected"
    if "unexpected_count" in details:
        return f"{details['unexpected_count']} of {details['element_count']} rows are not so"
    if "observed_value" in details:
        return f"observed {details['observed_value']}"
    message = (result.exception_info or {}).get("exception_message")
    return f"could not be evaluated: {message}" if message else "not observed"
