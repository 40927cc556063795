"""A checkpoint's verdict on one candidate, as the gate, the command line and the docs read it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lakehouse.address import Address

Outcome = Literal["passed", "warned", "failed", "nothing_new"]


@dataclass(frozen=True)
class Judgement:
    """One expectation's result. `expectation` and `observed` are sentences without data values of patients."""

    type: str
    column: str | None
    severity: str
    success: bool
    expectation: str
    observed: str


@dataclass(frozen=True)
class Verdict:
    """What a checkpoint found; `outcome` is `failed` where a critical expectation failed."""

    address: str
    suite: str
    run_id: str
    outcome: Outcome
    rows: int = 0
    files: list[str] = field(default_factory=list)
    expectations: list[Judgement] = field(default_factory=list)
    docs_uri: str | None = None

    @classmethod
    def nothing_new(cls, address: Address, run_id: str) -> "Verdict":
        return cls(str(address), str(address), run_id, "nothing_new")

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


def outcome_of(expectations: list[Judgement]) -> Outcome:
    """`failed` for a critical failure, `warned` for any other, else `passed`."""
    failures = {judgement.severity for judgement in expectations if not judgement.success}
    if "critical" in failures:
        return "failed"
    return "warned" if failures else "passed"
