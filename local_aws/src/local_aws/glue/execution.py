"""One run, from its files on S3 to its final state."""

import json
import logging
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from moto.glue.models import FakeJob

from local_aws.glue import spark
from local_aws.glue.arguments import JobArguments, parse
from local_aws.glue.capacity import PYTHON_SHELL
from local_aws.glue.events import announce
from local_aws.glue.logs import LogStream
from local_aws.glue.modules import check_installed
from local_aws.glue.processes import FreshProcess, JobProcess, ProcessLostError, kill, kill_now
from local_aws.glue.runs import JobRun
from local_aws.glue.workspace import LaunchError, fetch, fetch_once

if TYPE_CHECKING:
    from local_aws.glue.backend import RunningGlueBackend
    from local_aws.glue.launch import Launcher

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.2
JVM_BUSY = "Waiting for the run that has Spark's JVM to end"
JVM_LOST = "Spark's JVM ended while the job ran (out of memory, or killed): see spark.log in the log folder"


class Execution:
    """Prepares a run's folder, starts its process, watches it and tells the outcome."""

    def __init__(
        self,
        launcher: "Launcher",
        backend: "RunningGlueBackend",
        job: FakeJob,
        run: JobRun,
        arguments: dict[str, str],
    ) -> None:
        self.launcher, self.config, self.backend, self.run = launcher, launcher.config, backend, run
        # Runs that share a JVM share its clients of S3, and so their credentials.
        session = launcher.credentials.of if launcher.warm else launcher.credentials.new
        self.credentials = session(job.role or "glue")
        self.command, self.arguments = job.command or {}, arguments
        account, region = backend.account_id, backend.region_name
        self.account_id, self.region = account, region
        self.output = LogStream(account, region, f"{run.log_group}/output", run.job_run_id)
        self.error = LogStream(account, region, f"{run.log_group}/error", run.job_run_id)
        self.root = Path()
        self.started: float | None = None
        self._groups: list[int] = []
        self._lost: str | None = None

    def run_to_end(self) -> None:
        """Run the job; whatever happens, the run ends in a final state, and the next attempt is started."""
        state, message = "FAILED", None
        try:
            self.root = Path(tempfile.mkdtemp(prefix="run-", dir=self.config.state_dir / "tmp"))
            state, message = self._run()
        except (LaunchError, ProcessLostError, ValueError, OSError) as error:
            message = str(error)
            self.error.write(message)
        except Exception as error:  # the run must not stay RUNNING for ever
            LOG.exception("Run %s failed inside the embedded AWS", self.run.job_run_id)
            message = f"Internal service failure: {error!r}"
        finally:
            self.output.close()
            self.error.close()
            seconds = time.monotonic() - self.started if self.started else 0.0
            self.run.finish(state, message, seconds)
            announce(self.run, self.account_id, self.region)
            if not self.launcher.closing.is_set():
                self.backend.retry(self.run)
            shutil.rmtree(self.root, ignore_errors=True)

    def _run(self) -> tuple[str, str | None]:
        arguments = parse(self.arguments, self.run.job_name, self.run.job_run_id)
        if arguments.language != "python":
            raise LaunchError(f"LAUNCH ERROR | --job-language {arguments.language}: only python runs here")
        warm = self.launcher.warm
        if warm is None or arguments.needs_own_jvm or self.command.get("Name") == PYTHON_SHELL:
            return self._run_fresh(arguments)
        ticket = object()
        if not warm.take_turn(ticket, given_up=self._given_up, on_wait=lambda: self.run.wait(JVM_BUSY)):
            return self._ended_early()
        self.run.go_on()
        harmed = True
        try:
            state, message, harmed = self._run_warm(arguments)
        finally:
            warm.end_turn(ticket, harmed=harmed)
        return state, message

    def _run_warm(self, arguments: JobArguments) -> tuple[str, str | None, bool]:
        """Run on the resident JVM; also says whether the JVM may have been harmed."""
        warm = self.launcher.warm
        assert warm is not None  # noqa: S101 - the caller took a turn on it
        packages = self._packages(arguments)
        jars = self._jars(arguments)
        jvm, interpreter = warm.prepared(packages, jars)
        jvm.runs += 1
        task = self._task(arguments, packages, jars, jvm.environment(), borrow=True)
        interpreter.wait_until_ready()
        if self._given_up():
            return *self._ended_early(), False
        process = interpreter.run(task, self.output.write_end, self.error.write_end)
        state, message = self._watch(process, jvm.pid)
        if state == "FAILED" and not jvm.alive and not self._lost:
            message = JVM_LOST
        killed = state == "TIMEOUT" or self._given_up() or (process.wait(0) or 0) < 0
        return state, message, killed or not jvm.alive

    def _run_fresh(self, arguments: JobArguments) -> tuple[str, str | None]:
        packages = self._packages(arguments)
        task = self._task(arguments, packages, self._jars(arguments), {}, borrow=False)
        process = FreshProcess(
            self.config.glue_python,
            task,
            spark.base_environment(self.config),
            self.output.write_end,
            self.error.write_end,
        )
        return self._watch(process)

    def _packages(self, arguments: JobArguments) -> Path | None:
        uri = arguments.virtual_env
        packages = self.launcher.environments.site_packages(uri) if uri else None
        installed = spark.spark_home(self.config.glue_python).parent
        check_installed(arguments.modules, [*([packages] if packages else []), installed])
        return packages

    def _jars(self, arguments: JobArguments) -> list[Path]:
        """The job's jars where they stay as long as a JVM that loaded them may live."""
        cache = self.config.state_dir / "cache" / "jars"
        return [fetch_once(uri, cache, self.account_id) for uri in arguments.jars]

    def _task(
        self,
        arguments: JobArguments,
        packages: Path | None,
        jars: list[Path],
        gateway: dict[str, str],
        *,
        borrow: bool,
    ) -> Path:
        """Fetch what the job needs and write its task file."""
        folder, scratch = self.root / "work", self.root / "tmp"
        scratch.mkdir()
        location = self.command.get("ScriptLocation")
        if not location:
            raise LaunchError("LAUNCH ERROR | The job's Command has no ScriptLocation")
        script = fetch(location, folder, self.account_id)
        python_files = [fetch(uri, self.root / "py", self.account_id) for uri in arguments.py_files]
        for uri in arguments.files:
            fetch(uri, folder, self.account_id)
        # A module file is found by its folder, an archive by itself.
        path = [file.parent if file.suffix == ".py" else file for file in python_files]
        path = list(dict.fromkeys([*path, *([packages] if packages else [])]))
        conf = (
            spark.job_conf(self.config, self.run.job_name, scratch, path, self.credentials) | arguments.conf
        )
        environment = spark.job_environment(self.config, self.credentials) | gateway
        environment["TMPDIR"] = str(scratch)
        if not borrow:
            environment["PYSPARK_SUBMIT_ARGS"] = spark.submit_line(
                spark.submit_arguments(self.config, jars), conf
            )
        task = self.root / "task.json"
        content = {
            "script": str(script),
            "arguments": arguments.script,
            "directory": str(folder),
            "environment": environment,
            "python_path": [str(item) for item in path],
            "conf": conf if borrow else {},
            "jars": [str(jar) for jar in jars],
            "borrow": borrow,
            "result": str(self._result),
        }
        task.write_text(json.dumps(content))
        return task

    @property
    def _result(self) -> Path:
        return self.root / "result.json"

    def _watch(self, process: JobProcess, *others: int) -> tuple[str, str | None]:
        """Wait for the process, killing it when the run is stopped or takes too long.

        Args:
            process: Runs the script.
            others: Process groups that work for it.
        """
        self._groups = [process.pid, *others]
        if self._lost:  # while it was starting
            self.lose(self._lost)
        try:
            return self._watch_to_end(process)
        finally:
            self._groups = []

    def _watch_to_end(self, process: JobProcess) -> tuple[str, str | None]:
        self.output.started()
        self.error.started()
        self.started = time.monotonic()
        self.run.move("RUNNING", only_from={"STARTING"})
        limit_seconds = float(self.run.timeout or 0) * self.config.minute_seconds
        while (code := process.wait(POLL_SECONDS)) is None:
            late = time.monotonic() - self.started > limit_seconds
            if late or self._given_up():
                kill(process, self.config.stop_grace_seconds)
                return ("TIMEOUT", "Job run timed out") if late else self._ended_early()
        return self._outcome(code)

    def _outcome(self, code: int) -> tuple[str, str | None]:
        if self._lost:
            return "FAILED", self._lost
        if self._result.exists():
            return "FAILED", json.loads(self._result.read_text())["error"]
        if code != 0:
            shown = code if code > 0 else 128 - code
            return "FAILED", f"Command failed with exit code {shown}"
        return "SUCCEEDED", None

    @property
    def job_name(self) -> str:
        return str(self.run.job_name)

    @property
    def run_id(self) -> str:
        return str(self.run.job_run_id)

    @property
    def access_key(self) -> str:
        return self.credentials.access_key_id

    @property
    def has_process(self) -> bool:
        """Whether its script has been started and has not ended."""
        return bool(self._groups)

    def lose(self, message: str) -> None:
        """Kill script and JVM at once, as when a machine goes away; the run ends FAILED with ``message``."""
        self._lost = message
        for group in self._groups:
            kill_now(group)

    def _given_up(self) -> bool:
        return self.run.state == "STOPPING" or self.launcher.closing.is_set()

    def _ended_early(self) -> tuple[str, str | None]:
        return "FAILED", "The run ended with the embedded AWS, which was stopped. Start it again."
