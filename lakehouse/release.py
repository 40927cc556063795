"""A release: which rejected rows a run judges again, after a rule, a contract or a reference was corrected."""

from typing import Literal

from lakehouse.contract_rules import Model


class Release(Model):
    """A selection of a table's rejected rows; what is left out selects nothing away."""

    table: str
    """A table of silver, such as `order_items`."""
    rule: str | None = None
    """The rule that they broke, such as `type:total_amount`."""
    category: Literal["schema", "quality", "referential"] | None = None
    file: str | None = None
    """The file that they came from: its URI under `raw/`, or its name alone."""
    run_id: str | None = None
    """The run that rejected them, as `rejected/` names it."""
