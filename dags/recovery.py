"""Recovery: tables go back to versions that they had.

Started by a person alone, best by `lakehouse restore`, which finds the versions that belong together and fills in the
form. Nothing is deleted: going back is one more commit of each table, which can itself be undone.

**Flow.** `plan` refuses while a run of the domain is unfinished → `approve` waits for a person (Airflow, *Required
Actions*) → `restore` is one Glue run. Its log says which version each table has now.

**A whole domain** goes back to a publish manifest, bronze and rejected rows among it. It stays so: what was delivered
since lies in `raw/archive/` and is not loaded again by itself. Deliver what was right of it again.

**One table** of silver or gold goes back until the next run of its domain, which makes it anew from what bronze holds.
That helps when a mistake of ours is corrected before that run.

**`plan` is red.** A run of the domain is unfinished: end it, clear the task.

**`restore` is red.** It says which version is not there: versions are kept for the days that the contract's `retention`
says. Tables may have gone back in part: clear the task, repeating is safe.
"""

from datetime import UTC, datetime

from orchestration.recovery_dag import build_recovery_dag

dag = build_recovery_dag(
    start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=__doc__, tags=["lakehouse", "operations"]
)
