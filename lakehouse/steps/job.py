"""A Glue job: reads its arguments, sets up logs and session, runs one step, and tells how it ended."""

import logging
import sys
import time
from collections.abc import Callable, Sequence

from pyspark.sql import SparkSession

from lakehouse.logs import configure_logs, log_ids
from lakehouse.session import spark_session
from lakehouse.steps.run import Run, parse_run

log = logging.getLogger(__name__)

type Step = Callable[[SparkSession, Run], None]


def run_job(step: Step, arguments: Sequence[str]) -> None:
    """Run a step as a Glue job. Raises what the step raises: Glue tells its last line as the run's message."""
    run = parse_run(arguments)
    configure_logs(run.log_level, sys.stdout)
    name = step.__name__
    with log_ids(domain=run.domain, run_id=run.run_id, step=name, release=run.build):
        log.info("%s started", name)
        started = time.monotonic()
        try:
            step(spark_session(name), run)
        except Exception as error:
            # The kind alone: what an error says goes to standard error, with its traceback.
            log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400
            raise
        log.info("%s done in %.1f s", name, time.monotonic() - started)
