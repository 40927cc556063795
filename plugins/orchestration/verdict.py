"""What a checkpoint found about one candidate, as the Glue run wrote it, and how to say it."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

_COUNT = re.compile(r"\d+ of \d+ rows")


def count_of(observed: str) -> str | None:
    """How many rows broke an expectation: other words of a checkpoint may quote what it observed, a count cannot."""
    found = _COUNT.match(observed)
    return found.group() if found else None


class Expectation(BaseModel):
    """One expectation; `observed` counts or names rule breaks in the checkpoint's own words."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    expectation: str
    severity: Literal["critical", "warning", "info"]
    success: bool
    observed: str = ""

    def __str__(self) -> str:
        mark = "passed" if self.success else "FAILED"
        observed = f": observed {self.observed}" if self.observed else ""
        return f"{mark:<7}{self.severity:<9}{self.expectation}{observed}"


class Verdict(BaseModel):
    """`metadata/validations/<run>/<layer>/<table>.json`; unknown keys are a newer engine's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    address: str
    suite: str
    outcome: Literal["passed", "warned", "failed", "nothing_new"]
    rows: int = 0
    files: list[str] = []
    expectations: list[Expectation] = []
    docs_uri: str | None = None

    @property
    def broken(self) -> list[Expectation]:
        """Expectations that did not hold, critical ones first."""
        order = ("critical", "warning", "info")
        return sorted((e for e in self.expectations if not e.success), key=lambda e: order.index(e.severity))

    @property
    def headline(self) -> str:
        kept = sum(e.success for e in self.expectations)
        hold = f"{kept} of {len(self.expectations)} expectations hold on {self.rows} rows"
        return f"{self.address}: {self.outcome}, {hold}"

    @property
    def broken_rules(self) -> str:
        """The broken expectations by name, without what was observed: fit for a notification."""
        return "; ".join(f"{e.expectation} ({e.severity})" for e in self.broken)

    def details(self) -> str:
        """Suite, broken expectations with what was observed, files and page, a line each."""
        lines = [f"suite {self.suite}", *(f"  {expectation}" for expectation in self.broken)]
        lines += [f"file {file}" for file in self.files]
        if self.docs_uri:
            lines.append(f"Data Docs {self.docs_uri}")
        return "\n".join(lines)
