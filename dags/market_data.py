"""Market data: segments of the recorder to validated bars.

Every five minutes, or when a segment lands in `raw/ready/coinbase/`: loads the recorder's lines, publishes bronze,
silver and gold, and has Athena validate gold.

**Flow.** `plan` → `wait_for` → for each layer `candidate` → `gate_<table>` → `publish` → `athena.register` →
`validate` → `archive`. A layer's tables are written aside and judged before any of them is published; a closed gate
leaves the published tables as they were.

**Start it.** Trigger it in Airflow with the form: *Full refresh* rebuilds silver and gold. A run that is started by
hand looks once for segments; without any it ends green, all skipped, "nothing new".

**A minute is not complete.** `market_data_gold.completeness_1m` says what is missing of it, the view `daily_gaps` sums
it up by day. That is no fault of a run, and a snapshot that repeats the trades heals it by itself.

**A gate is red.** Its log lists every expectation; its button *Data Docs* shows the page. Nothing of this layer was
published. A segment cannot be delivered corrected: raise *Rejected share limit* in the form to let its bad lines be
rejected, then start a run.

**Rows were refused by a mistake of ours.** Correct contract or transform, deploy, and name the rows under *Release* in
the form, or run `lakehouse release`: they are judged again, without a new delivery.

**A `candidate` or `publish` is red.** Its log ends with the Glue run's own message and holds that run's log. Clear the
task: its Glue run is stopped if it still lives, and the step repeated; repeating is safe.

**A `validate` task is red.** Gold is published but does not agree. Its log names the check; run its query by hand to
see the rows.

**A task stays `scheduled`.** The pools `market_data_bronze`, `market_data_silver` and `market_data_gold` (one slot
each, deferred tasks included) must exist: `lakehouse up` creates them; on another Airflow create them by hand.

**A file is in `raw/failed/`.** It could not be read; the reason lies beside it.
"""

from datetime import UTC, datetime

from orchestration.domain_dag import build_domain_dag

dag = build_domain_dag(
    "market_data",
    cron="*/5 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    doc_md=__doc__,
    tags=["market_data", "lakehouse"],
)
