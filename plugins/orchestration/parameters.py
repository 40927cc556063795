"""The trigger form of a domain's DAG."""

from airflow.sdk import Param

from orchestration.configuration import Configuration

_DATE = {"type": "string", "format": "date"}


def trigger_form(datasets: list[str], settings: Configuration) -> dict[str, Param]:
    """Fields of the form, and keys of `conf` for the API, the CLI and backfills."""
    return {
        "datasets": Param(
            datasets,
            type="array",
            items={"type": "string", "enum": datasets},
            examples=datasets,
            title="Datasets",
            description="Load these; the tables made from them are refreshed.",
        ),
        "dates": Param(
            None,
            type=["null", "array"],
            items=_DATE,
            title="Business dates",
            description="Recompute gold for these dates (YYYY-MM-DD, one per line), new files or not. "
            "Empty: the dates that new files touch.",
        ),
        "from": date_param("From", "First of a range of business dates to recompute."),
        "to": date_param("To", "Last of the range, included. Empty: only the first."),
        "full_refresh": Param(
            default=False,
            type="boolean",
            title="Full refresh",
            description="Rebuild silver from the whole of bronze and gold for every date.",
        ),
        "confirm_cost": Param(
            default=False,
            type="boolean",
            title="Confirm cost",
            description="Of a backfill: go on beyond LAKEHOUSE_BACKFILL_BUDGET_USD.",
        ),
        "wait_minutes": Param(
            settings.wait_minutes,
            type="integer",
            minimum=0,
            title="Wait for files (minutes)",
            description="How long a scheduled run waits for each dataset. "
            "Runs started by hand, by an arrival or by a backfill look once.",
        ),
        "rejected_share_limit": share_param(
            "Share of a table's new rows that may be rejected before its gate closes. "
            "Empty: what the contract says."
        ),
        "release": Param(
            None,
            type=["null", "object"],
            properties={
                "table": {"type": "string"},
                "rule": {"type": "string"},
                "category": {"enum": ["schema", "quality", "referential"]},
                "file": {"type": "string"},
                "run_id": {"type": "string"},
            },
            required=["table"],
            additionalProperties=False,
            title="Release",
            description="Judge these rejected rows again, new files or not: "
            'JSON such as `{"table": "orders", "rule": "type:total_amount"}`, '
            "besides `category`, `file` and `run_id`; all but `table` may be left out.",
        ),
    }


def date_param(title: str, description: str) -> Param:
    """A business date, or none."""
    return Param(None, type=["null", "string"], format="date", title=title, description=description)


def share_param(description: str) -> Param:
    """How much of a table may be rejected, or nothing said of it."""
    return Param(
        None,
        type=["null", "number"],
        minimum=0,
        maximum=1,
        title="Rejected share limit",
        description=description,
    )
