"""Freshness: is gold as new as its contracts promise?

Every 15 minutes, a task per domain compares the age of the newest publish manifest with the service level `latency` of
each table of gold. It looks at what is published, not at runs: data is late also when no run was started, or Airflow
was down.

**A task is red.** Tables of that domain are late; its log says which and since when. Look at the newest runs of the
domain's DAG: one that failed says why, one that waits for a decision waits for you, and without any delivery there is
nothing to publish: ask who delivers. The task is red until gold is published again; you were told once, by the topic of
delays, and are told once more when it is over.

**The level is wrong.** It is `latency` under `slaProperties` of the table's contract.
"""

from datetime import UTC, datetime

from orchestration.freshness_dag import build_freshness_dag

dag = build_freshness_dag(
    "freshness", cron="*/15 * * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), doc_md=__doc__
)
