"""Render a validation result as a Data Docs page with Great Expectations' own renderer."""

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView


def render_page(result: ExpectationSuiteValidationResult, run_id: str) -> str:
    """The page as HTML."""
    result.meta["run_id"] = {"run_name": run_id, "run_time": result.meta.get("validation_time", "")}
    page: str = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(result))
    return page
