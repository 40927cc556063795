"""Columns of what the reader of the run ledger asks Athena for."""

PUBLICATION = ["table_address", "contract_version", "code_version", "dates", "run_id", "first", "last"]
COST = [
    "run_id",
    "run_type",
    "table_address",
    "outcome",
    "candidate_seconds",
    "publish_seconds",
    "cost_usd",
    "recorded_at",
]
