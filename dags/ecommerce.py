"""Ecommerce: raw files to validated gold.

Every day at 06:00 UTC, or when files arrive: loads products, orders and order items, publishes bronze, silver
and gold, and has Athena validate gold.

**Flow.** `plan` → `wait_for` (one sensor per dataset) → for each layer `candidate` → `gate_<table>` →
`publish` → `athena.register` → `validate` → `archive`. A layer's tables are written aside and judged before
any of them is published; a closed gate leaves the published tables as they were.

**Start it.** Trigger it in Airflow with the form: *Business dates* (or *From* and *To*) recompute gold for
these dates, new files or not; *Full refresh* rebuilds silver and gold; *Datasets* limits what is loaded. A
run that is started by hand looks once for files; without any it ends green, all skipped, "nothing new".
A backfill recomputes the dates of its intervals.

**A gate is red.** Its log lists every expectation; its button *Data Docs* shows the page. Nothing of this
layer was published. Bronze: the file still lies under `raw/`; deliver it corrected under the same name. Silver:
deliver the corrected rows under any name, or raise *Rejected share limit* in the form to let more be rejected.
Then start a run.

**Rows were refused by a mistake of ours.** Correct the contract, deploy, and name the rows under *Release* in the
form, or run `lakehouse release`: they are judged again, without a new delivery.

**A `decide_…` task waits.** Its contract asks a person about warnings: answer under *Required Actions*. `stop` turns
`publish` red and leaves the published tables as they are; clear the `decide_…` task to be asked again.

**A `candidate` or `publish` is red.** Its log ends with the Glue run's own message and holds that run's log.
Clear the task: its Glue run is stopped if it still lives, and the step repeated; repeating is safe.

**A `validate` task is red.** Gold is published but does not agree. Its log names the check; run its query by
hand to see the rows.

**A task stays `scheduled`.** The pools `ecommerce_bronze`, `ecommerce_silver` and `ecommerce_gold` (one slot
each, deferred tasks included) must exist: `lakehouse up` creates them; on another Airflow create them by hand.

**A file is in `raw/failed/`.** It could not be read; the reason lies beside it.
"""

from datetime import UTC, datetime

from orchestration.domain_dag import build_domain_dag

dag = build_domain_dag(
    "ecommerce",
    cron="0 6 * * *",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    doc_md=__doc__,
    tags=["ecommerce", "lakehouse"],
)
