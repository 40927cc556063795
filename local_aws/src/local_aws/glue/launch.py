"""Starts job runs and ends them all with the server."""

import logging
import shutil
import threading
from typing import TYPE_CHECKING

from moto.glue.models import FakeJob

from local_aws.config import Config
from local_aws.glue.credentials import RoleCredentials
from local_aws.glue.execution import Execution
from local_aws.glue.runs import JobRun
from local_aws.glue.warm import WarmSpark
from local_aws.glue.workspace import Environments

if TYPE_CHECKING:
    from local_aws.glue.backend import RunningGlueBackend

LOG = logging.getLogger(__name__)
STOP_SECONDS = 20.0


def stop_run(run: JobRun) -> bool:
    """Ask an active run to stop; says whether it was active."""
    return run.move("STOPPING", only_from={"STARTING", "WAITING", "RUNNING"})


class Launcher:
    """Runs every job in a thread that watches its process."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.warm = WarmSpark(config) if config.warm else None
        self.environments = Environments(config)
        self.credentials = RoleCredentials(config.account_id, config.region)
        self.closing = threading.Event()
        self._threads: dict[Execution, threading.Thread] = {}
        scratch = config.state_dir / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)

    def launch(
        self, backend: "RunningGlueBackend", job: FakeJob, run: JobRun, arguments: dict[str, str]
    ) -> None:
        """Start a run in the background."""
        execution = Execution(self, backend, job, run, arguments)
        thread = threading.Thread(target=self._watch, args=(execution,), name=run.job_run_id, daemon=True)
        self._threads[execution] = thread
        thread.start()

    def _watch(self, execution: Execution) -> None:
        try:
            execution.run_to_end()
        finally:
            self._threads.pop(execution, None)

    def running(self) -> list[Execution]:
        """Runs that have not ended, the oldest first."""
        return list(self._threads)

    def start(self) -> None:
        """Warm up in the background."""
        if self.warm:
            self.warm.warm_up()

    def close(self) -> None:
        """Kill what runs; the runs are FAILED."""
        self.closing.set()
        for thread in list(self._threads.values()):
            thread.join(STOP_SECONDS)
        if self.warm:
            self.warm.close()

    def health(self) -> dict[str, str]:
        """State of Glue: cold, warming, ready, or what is wrong."""
        if self.warm is None:
            return {"state": "ready", "mode": "cold"}
        if self.warm.ready:
            return {"state": "ready", "mode": "warm"}
        problem = {"problem": self.warm.problem} if self.warm.problem else {}
        return {"state": "failed" if problem else "warming", "mode": "warm", **problem}
