"""Replay: silver and gold of a domain are made a second time beside the live tables, and compared with them.

Started by a person alone, best by `lakehouse replay`. Nothing live changes unless the form says *Switch* and somebody
approves.

**Flow.** `plan` refuses while a run of the domain is unfinished → `compare` is one Glue run: every layer made by the
steps of daily runs, judged by its checkpoints, then compared row by row → `is_switch_wanted` ends the run where all is
equal or no switch is asked for → `approve` waits for a person (Airflow, *Required Actions*) → `switch` is one Glue run
that commits what differs as the newest versions, and writes the publish manifest.

**Pause the domain's DAG** for as long as it takes: what it publishes meanwhile cannot be switched over.

**`compare` is red.** A checkpoint refused a layer: all deliveries are judged at once, so give a *Rejected share limit*
where one of them was let in by it. Or the archive cannot be read: the message says so; take *Source* bronze. Clear the
task: it goes on from what it made.

**`switch` is red.** The message names the table that changed since it was compared: replay again. Tables that were
switched before stay so and are right: clearing the task is safe.
"""

from datetime import UTC, datetime

from orchestration.replay_dag import build_replay_dag

dag = build_replay_dag(
    start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=__doc__, tags=["lakehouse", "operations"]
)
