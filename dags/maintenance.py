"""Maintenance: tables of every domain stay fast to read, and what nobody can read any more goes.

Every day at 02:30 UTC, one Glue run for each domain: where a table needs it, small files become few, rows come in the
Z-order of the contract, and files of versions older than the contract's retention are removed. Candidates that dead
runs left behind are swept. Rows, and what readers see of them, stay as they are; a table that needs nothing costs
seconds.

**Flow.** `plan` → one task for each domain. Its log says what was found and done at each table; the whole report is
`metadata/maintenance/<domain>/<run id>.json` in the domain's bucket.

**Start it.** Trigger it in Airflow with the form: *Domains* says whose tables, *Dry run* only reports.

**It runs beside publications** and holds none of their pools. Who commits second to a table does its work anew: a
publication makes its candidate again, a rewrite is `put off` until the next run.

**`vacuum` is put off: a version is still in use.** The latest publish manifest, or the last publication of a table
made from this one, names a version whose files would go. The next publication frees them by itself; start a run of the
domain to have it now.

**A task is red.** Its log names the tables that could not be maintained, and ends with the Glue run's own message;
the other tables are done. Clear the task: repeating is safe.

**A table needs many hours.** Its task is given up after `task_timeout_minutes`; what was committed stays. Run
`lakehouse step maintain <address>` for that table alone, or raise the timeouts of Airflow and of the Glue job once.
"""

from datetime import UTC, datetime

from orchestration.maintenance_dag import build_maintenance_dag

dag = build_maintenance_dag(
    cron="30 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    doc_md=__doc__,
    tags=["lakehouse", "maintenance"],
)
