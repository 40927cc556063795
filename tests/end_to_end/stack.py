"""A stack of its own for the tests: the commands that a user types, on free ports, in a temporary folder."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from deltalake import DeltaTable

ROOT = Path(__file__).parents[2]
BUCKET = "ecommerce-lakehouse-123456789012"
SAMPLE = [
    path for path in sorted((ROOT / "sample" / "ecommerce").iterdir()) if path.suffix in {".csv", ".xlsx"}
]
"""The bundled files of ecommerce."""
_COMMAND = Path(sys.executable).parent / "lakehouse"
_OF_A_USER = ("PATH", "HOME", "LANG", "USER", "JAVA_HOME", "TMPDIR")
_SECONDS_MAX = 900


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Stack:
    """A lakehouse that is up, or was: `environment` is what its commands run in."""

    state_dir: Path
    environment: Mapping[str, str]

    @classmethod
    def make(cls, state_dir: Path, **settings: str) -> "Stack":
        """A stack that is not up yet; `settings` are further variables."""
        inherited = {name: os.environ[name] for name in _OF_A_USER if name in os.environ}
        ports = {f"LAKEHOUSE_LAPTOP_{part}_PORT": str(free_port()) for part in ("AWS", "TRINO", "AIRFLOW")}
        return cls(
            state_dir, {**inherited, **ports, "LAKEHOUSE_LAPTOP_STATE_DIR": str(state_dir), **settings}
        )

    @classmethod
    @contextmanager
    def running(cls, state_dir: Path, *arguments: str, **settings: str) -> "Iterator[Stack]":
        """A stack that is up, until it is taken down and deleted; `arguments` are those of `up`."""
        made = cls.make(state_dir, **settings)
        try:
            made.must("up", *arguments)
            yield made
        finally:
            made.remove()

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `lakehouse` with arguments; whatever its exit code."""
        return subprocess.run(
            [_COMMAND, *arguments],
            check=False,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS_MAX,
        )

    def must(self, *arguments: str | Path) -> str:
        """Output of a command that must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.environment['LAKEHOUSE_LAPTOP_AWS_PORT']}"

    @property
    def region(self) -> str:
        return self.environment.get("ECOM_AWS_REGION", "us-east-1")

    @property
    def bucket(self) -> str:
        """The lake's bucket."""
        return self.environment.get("ECOM_S3_BUCKET_NAME", BUCKET)

    def client(self, service: str) -> Any:
        """A boto3 client of the stack's AWS."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def table(self, folder: str, name: str, bucket: str | None = None) -> DeltaTable:
        """A table below the folder of its layer, as delta-rs reads it, which is neither Spark nor Trino."""
        options = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        return DeltaTable(f"s3://{bucket or self.bucket}/{folder}/{name}", storage_options=options)

    def processes(self) -> list[str]:
        """Command lines of processes that belong to this stack."""
        found = []
        for entry in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
            try:
                variables = (entry / "environ").read_bytes()
                if os.fsencode(self.state_dir) in variables and entry.name != str(os.getpid()):
                    found.append((entry / "cmdline").read_text().replace("\0", " "))
            except (OSError, UnicodeDecodeError):
                continue
        return found

    def remove(self) -> None:
        """Take the stack down and delete what it stored."""
        self.run("down")
        shutil.rmtree(self.state_dir, ignore_errors=True)
