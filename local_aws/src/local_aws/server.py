"""The server: moto's application with our services in it, on one loopback port."""

import contextlib
import ctypes
import importlib.util
import logging
import logging.handlers
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from local_aws.config import Config

LOG = logging.getLogger(__name__)
LOG_BYTES_MAX = 10_000_000
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_LARGE_BYTES = 8 << 20


class ServerError(RuntimeError):
    """The server cannot start; the message says why and what to do."""


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, then stop jobs and children and save.

    Raises:
        ServerError: The port is taken, or the saved state cannot be read.
    """
    _prepare_process(config)
    _return_large_blocks()
    services = Services(config)
    server = _listen(config, services.application())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serving = threading.Thread(target=server.serve_forever, name="http", daemon=True)
    services.start()
    serving.start()
    LOG.info("Serving on %s, state in %s", config.endpoint, config.state_dir)
    try:
        stop.wait()
    finally:
        LOG.info("Stopping")
        # Clients of our own children are still answered while the children end.
        services.stop_children()
        server.shutdown()
        services.save()
        LOG.info("Stopped")


class Services:
    """All parts of one server, in the order in which they start and stop."""

    def __init__(self, config: Config) -> None:
        # moto reads its settings when it is imported, hence not before the environment is set.
        from local_aws import cloudwatch, events, glue, logs, s3, sqs  # noqa: PLC0415
        from local_aws.identity import sts  # noqa: PLC0415
        from local_aws.state import Snapshots  # noqa: PLC0415
        from local_aws.state.snapshot import SnapshotError  # noqa: PLC0415

        self.config = config
        files, self.replicator = s3.install(config)
        sts.install()
        queues = sqs.install(config)
        events.install()
        logs.install()
        self.alarms = cloudwatch.install(config, before=queues.tick)
        self.glue = glue.install(config)
        self.snapshots = Snapshots(config.state_dir, files, config.snapshot_seconds)
        self.trino = self._install_athena()
        try:
            self.snapshots.load()
        except SnapshotError as error:
            raise ServerError(str(error)) from error

    def _install_athena(self) -> Any:
        if not self.config.trino_enabled or importlib.util.find_spec("local_aws.athena") is None:
            return None
        from local_aws import athena  # noqa: PLC0415
        from local_aws.trino import TrinoProcess  # noqa: PLC0415

        athena.install(self.config)
        return TrinoProcess(self.config)

    def application(self) -> Any:
        """The WSGI application."""
        from local_aws.dispatch import dispatcher  # noqa: PLC0415
        from local_aws.faults.middleware import WithFaults  # noqa: PLC0415
        from local_aws.faults.replication import may_copy  # noqa: PLC0415
        from local_aws.health import WithHealth  # noqa: PLC0415
        from local_aws.regions import WithLostRegions, region_of_bucket  # noqa: PLC0415
        from local_aws.s3.clock import WithLifecycle  # noqa: PLC0415

        application: Any = dispatcher()
        if self.config.enforce_iam:
            from local_aws.identity.enforcement import WithPermissions  # noqa: PLC0415

            application = WithPermissions(application, self.config.region, self.config.account_id)
        faulty = WithFaults(application, self.glue)
        lost = set(self.config.lost_regions)
        self.replicator.passes = lambda source, destination, name: (
            not {region_of_bucket(source), region_of_bucket(destination)} & lost
            and may_copy(faulty.plane, source, name)
        )
        application = WithLifecycle(WithLostRegions(faulty, lost), self.config.account_id)
        return WithHealth(application, self.health)

    def start(self) -> None:
        self.replicator.start()
        self.snapshots.start()
        self.alarms.start()
        self.glue.start()
        if self.trino:
            self.trino.start()

    def health(self) -> dict[str, dict[str, str]]:
        """State of each part: ``ready``, ``warming``, ``starting``, ``failed`` or ``disabled``."""
        return {"s3": {"state": "ready"}, "glue": self.glue.health(), "athena": self._athena_health()}

    def _athena_health(self) -> dict[str, str]:
        if self.trino is None:
            return {"state": "disabled"}
        if self.trino.ready:
            return {"state": "ready"}
        problem = getattr(self.trino, "problem", None)
        return {"state": "failed", "problem": problem} if problem else {"state": "starting"}

    def stop_children(self) -> None:
        """Kill jobs, Spark and Trino; alarms no longer fire."""
        self.alarms.stop()
        self.glue.close()
        if self.trino:
            self.trino.stop()

    def save(self) -> None:
        self.snapshots.stop()


def _prepare_process(config: Config) -> None:
    """Set what moto reads from the environment, and log to a file only."""
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    os.environ.setdefault("MOTO_ALLOW_NONEXISTENT_REGION", "false")
    os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"
    os.environ["MOTO_PORT"] = str(config.port)
    os.environ["MOTO_ACCOUNT_ID"] = config.account_id
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # a profile of the user's must not reach in
    config.log_dir.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        config.log_dir / "local_aws.log", maxBytes=LOG_BYTES_MAX, backupCount=2
    )
    logging.basicConfig(
        level=logging.INFO,
        handlers=[handler],
        format="%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    sys.excepthook = lambda kind, error, trace: LOG.critical("Failed", exc_info=(kind, error, trace))


def _return_large_blocks() -> None:
    """Let glibc give large blocks back at once: else bodies that threads have read stay with the process."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES)


def _listen(config: Config, application: Callable[..., Any]) -> BaseWSGIServer:
    from local_aws.dispatch import MotoRequestHandler  # noqa: PLC0415

    class Handler(MotoRequestHandler):  # type: ignore[misc]
        # Without it a small answer waits 40 ms for the client's acknowledgement.
        disable_nagle_algorithm = True

        def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002
            """Wait for no other request on a connection that is gone."""
            self.close_connection = True

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Keep successful requests out of the log."""

    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((config.host, config.port))
    except OSError as error:
        raise ServerError(
            f"Port {config.port} of {config.host} is taken ({error.strerror}): "
            "stop what listens there, or choose another with --port"
        ) from error
    finally:
        probe.close()
    return make_server(config.host, config.port, application, threaded=True, request_handler=Handler)
