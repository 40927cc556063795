"""Clinical: FHIR resources to validated measures.

Every day at 05:00 UTC, or when files arrive: loads FHIR resources, publishes bronze, silver and gold, and has Athena
validate gold. Tables hold data about patients: logs, notifications and Data Docs say counts and places, never values.

**Flow.** `plan` → `wait_for` (one sensor per folder under `raw/`) → for each layer `candidate` → `gate_<table>` →
`publish` → `athena.register` → `validate` → `archive`. A layer's tables are written aside and judged before any of
them is published; a closed gate leaves the published tables as they were.

**Start it.** Trigger it in Airflow with the form: *Full refresh* rebuilds silver and gold. A run that is started by
hand looks once for files; without any it ends green, all skipped, "nothing new".

**A correction.** Deliver the resource again with a newer `meta.lastUpdated`, or a transaction Bundle that deletes it,
in any folder. The measures of the months that it touches change with the next run.

**A gate is red.** Its log lists every expectation; its button *Data Docs* shows the page. Nothing of this layer was
published. Deliver the refused resources corrected, or raise *Rejected share limit* in the form to let them be rejected.
Then start a run.

**A resource was rejected as `reference`.** The patient that it names has not arrived: deliver the Patient, and the
resource is judged again by itself.

**Rows were refused by a mistake of ours.** Correct the contract, deploy, and name the rows under *Release* in the form,
or run `lakehouse release`: they are judged again, without a new delivery.

**A `candidate` or `publish` is red.** Its log ends with the Glue run's own message and holds that run's log. Clear the
task: its Glue run is stopped if it still lives, and the step repeated; repeating is safe.

**A `validate` task is red.** Gold is published but does not agree. Its log names the check; run its query by hand,
where you may see patients' rows.

**A task stays `scheduled`.** The pools `clinical_bronze`, `clinical_silver` and `clinical_gold` (one slot each,
deferred tasks included) must exist: `lakehouse up` creates them; on another Airflow create them by hand.

**A file is in `raw/failed/`.** It could not be read; the reason lies beside it.
"""

from datetime import UTC, datetime

from orchestration.domain_dag import build_domain_dag

dag = build_domain_dag(
    "clinical",
    cron="0 5 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    doc_md=__doc__,
    tags=["clinical", "lakehouse"],
)
