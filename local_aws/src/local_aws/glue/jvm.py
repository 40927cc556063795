"""The resident JVM with Spark's classes loaded, which one job at a time borrows."""

import contextlib
import logging
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from local_aws.config import Config
from local_aws.glue.processes import ProcessLostError, detached, wait_for
from local_aws.glue.spark import base_environment, spark_home, submit_arguments

LOG = logging.getLogger(__name__)
START_SECONDS = 60
INT_BYTES = 4


class ResidentJvm:
    """A py4j gateway of Spark, as pyspark itself would launch it.

    It ends by itself when this process ends: it reads the pipe that we hold.
    """

    def __init__(self, config: Config) -> None:
        self.runs = 0
        self.jars: set[Path] = set()
        self._folder = Path(tempfile.mkdtemp(prefix="jvm-", dir=config.state_dir / "tmp"))
        self._connection = self._folder / "connection"
        submit = spark_home(config.glue_python) / "bin" / "spark-submit"
        environment = base_environment(config) | {
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(self._connection),
            "SPARK_CONNECT_MODE": "0",
        }
        command: list[str | Path] = [submit, *submit_arguments(config, []), "--name", "glue", "pyspark-shell"]
        with (config.log_dir / "spark.log").open("ab") as log:
            self._process = detached(command, environment, log, stdin=subprocess.PIPE, cwd=self._folder)

    @property
    def pid(self) -> int:
        """Its process group too."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def takes(self, jars: list[Path]) -> bool:
        """Whether jars can be added: a class stays what it was when it was loaded."""
        return all(held in jars for held in self.jars if held.name in {jar.name for jar in jars})

    def connection(self) -> tuple[int, str]:
        """Port and secret of the gateway, once it listens.

        Raises:
            ProcessLostError: The JVM ended or did not start in a minute; the log says why.
        """
        wait_for(lambda: self._connection.exists() or not self.alive, START_SECONDS)
        if not self._connection.exists():
            raise ProcessLostError("Spark's JVM did not start: see spark.log in the log folder")
        data = self._connection.read_bytes()
        port = int.from_bytes(data[:INT_BYTES], "big")
        return port, data[2 * INT_BYTES :].decode()

    def environment(self) -> dict[str, str]:
        """What lets pyspark borrow this JVM."""
        port, secret = self.connection()
        return {"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}

    def close(self) -> None:
        """Kill the JVM and the Python workers of its jobs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)
        self._folder.rmdir()
