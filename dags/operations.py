"""Operations: what runs of the other DAGs did, and what they cost, as tables.

Every day at 08:00 UTC: loads the records that each run's task `record` has delivered, publishes bronze, silver and
gold, and has Athena validate gold: `operations_gold.runs` has a row per table and run, `operations_gold.quality` one
per expectation and run; the views `daily_cost` and `last_publication` sum them up.

**Flow.** That of every domain: `plan` → `wait_for` → for each layer `candidate` → `gate_<table>` → `publish` →
`athena.register` → `validate` → `archive` → `record`. Its own runs are recorded too, for the next day.

**Start it.** Trigger it in Airflow when the ledger is wanted before the morning. Files that arrive do not start it: a
record arrives with every run, and a start of the layers' six Glue runs costs more than the run may have.

**A gate is red.** A record does not fit its contract, which only a fault of ours can bring about. Correct
`plugins/orchestration/run_record.py` or the contract, deploy, clear the task `record` of the runs that the gate names:
they are recorded again. Then start a run.

**A `validate` task is red.** A run's rows are not all accounted for, or something was published without a verdict:
look up the run in `operations_gold.runs`, and its candidate under `metadata/runs/<run>/`.
"""

from datetime import UTC, datetime

from orchestration.domain_dag import build_domain_dag

dag = build_domain_dag(
    "operations",
    cron="0 8 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    doc_md=__doc__,
    tags=["operations", "lakehouse"],
)
