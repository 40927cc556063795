"""One warm JVM and one warm interpreter, lent to one job at a time, replaced when worn or harmed."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from local_aws.config import Config
from local_aws.glue.jvm import ResidentJvm
from local_aws.glue.processes import Interpreter, ProcessLostError
from local_aws.glue.spark import base_environment

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.1


class WarmSpark:
    """Owner of the resident JVM and of the pre-imported interpreter."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.jvm: ResidentJvm | None = None
        self.interpreter: Interpreter | None = None
        self.problem: str | None = None
        self._queue: deque[object] = deque()
        self._turn = threading.Condition()
        self._making = threading.RLock()
        self._closed = False
        self._memory = config.state_dir / "cache" / "last_environment"

    def warm_up(self) -> None:
        """Start JVM and interpreter in the background, if they are not there."""
        threading.Thread(target=self._warm_up, name="glue-warm-up", daemon=True).start()

    def _warm_up(self) -> None:
        try:
            jvm, interpreter = self.prepared(None, [], any_environment=True)
            jvm.connection()
            interpreter.wait_until_ready()
            self.problem = None
        except (ProcessLostError, OSError) as error:
            self.problem = str(error)
            LOG.exception("Glue could not be warmed up; the next run tries again")

    @property
    def ready(self) -> bool:
        """Whether a job would start at once."""
        return bool(self.jvm and self.jvm.alive and self.interpreter and self.interpreter.ready)

    def take_turn(self, ticket: object, given_up: Callable[[], bool], on_wait: Callable[[], None]) -> bool:
        """Wait, in order of arrival, until no other job has the JVM; False if ``given_up`` meanwhile."""
        with self._turn:
            self._queue.append(ticket)
            if self._queue[0] is not ticket:
                on_wait()
            while self._queue[0] is not ticket:
                self._turn.wait(POLL_SECONDS)
                if given_up() or self._closed:
                    self._queue.remove(ticket)
                    self._turn.notify_all()
                    return False
        return True

    def prepared(
        self, site_packages: Path | None, jars: list[Path], *, any_environment: bool = False
    ) -> tuple[ResidentJvm, Interpreter]:
        """JVM and interpreter for an environment and jars, made if missing or if they are another's."""
        with self._making:
            if self._closed:
                raise ProcessLostError("The embedded AWS is stopping")
            if self.jvm is None or not self.jvm.alive or not self.jvm.takes(jars):
                self._drop_jvm()
                self.jvm = ResidentJvm(self.config)
            self.jvm.jars.update(jars)
            fits = self.interpreter is not None and self.interpreter.alive
            if fits and self.interpreter and not any_environment:
                fits = self.interpreter.site_packages == site_packages
            if not fits or self.interpreter is None:
                self._drop_interpreter()
                wanted = self._last_environment() if any_environment else site_packages
                self.interpreter = self._new_interpreter(wanted)
            return self.jvm, self.interpreter

    def end_turn(self, ticket: object, *, harmed: bool) -> None:
        """Give the JVM to the next job; a harmed or worn one is replaced first, in the background."""
        with self._making:
            if harmed or (self.jvm and self.jvm.runs >= self.config.warm_runs_max):
                self._drop_jvm()
            if self.interpreter and not self.interpreter.alive:
                self._drop_interpreter()
            missing = self.jvm is None or not self.jvm.alive or self.interpreter is None
        with self._turn:
            if ticket in self._queue:
                self._queue.remove(ticket)
            self._turn.notify_all()
        if missing and not self._closed:
            self.warm_up()

    def close(self) -> None:
        """End both processes; nothing is started any more."""
        self._closed = True
        with self._making:
            self._drop_jvm()
            self._drop_interpreter()

    def _new_interpreter(self, site_packages: Path | None) -> Interpreter:
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        self._memory.write_text(str(site_packages or ""))
        log = self.config.log_dir / "glue_interpreter.log"
        return Interpreter(self.config.glue_python, site_packages, base_environment(self.config), log)

    def _last_environment(self) -> Path | None:
        """Environment of the last job, also of the server's life before: most likely the next job's."""
        text = self._memory.read_text() if self._memory.exists() else ""
        return Path(text) if text and Path(text).exists() else None

    def _drop_jvm(self) -> None:
        if self.jvm:
            self.jvm.close()
            self.jvm = None

    def _drop_interpreter(self) -> None:
        if self.interpreter:
            self.interpreter.close()
            self.interpreter = None
