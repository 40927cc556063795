"""Metadata of S3, Glue and KMS, saved soon after each change and loaded at start."""

import io
import logging
import pickle
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moto.core.base_backend import BaseBackend

from local_aws.s3.files import ObjectFiles
from local_aws.state import glue_state, kms_state, s3_state

LOG = logging.getLogger(__name__)
FORMAT = 1
LOAD_SHARE = 10  # at most a tenth of the time goes into saving, however large the metadata


class SnapshotError(RuntimeError):
    """A saved state cannot be read; the message says what to do."""


class _Pickler(pickle.Pickler):
    """Writes references to moto's backends as names: they are found again, not rebuilt."""

    def persistent_id(self, item: Any) -> tuple[str, str, str] | None:
        if isinstance(item, BaseBackend):
            return type(item).__module__.split(".")[1], item.account_id, item.region_name
        return None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: tuple[str, str, str]) -> Any:
        from moto.backends import get_backend  # noqa: PLC0415 - loads every service's table

        service, account, region = pid
        return get_backend(service)[account][region]


def dumps(state: Any) -> bytes:
    """Pickle a captured state."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(state)
    return buffer.getvalue()


def loads(data: bytes) -> Any:
    """Read what :func:`dumps` wrote. The file is the server's own: whoever can write it can do anything."""
    return _Unpickler(io.BytesIO(data)).load()


class Snapshots:
    """Saves ``s3.state``, ``glue.state`` and ``kms.state`` under a folder, each whenever its content changed.

    A save is a new file put in the place of the old one, so that a crash leaves the state of an earlier
    instant, whole; object bodies that this state names are still there.
    """

    def __init__(self, root: Path, files: ObjectFiles, interval_seconds: float) -> None:
        self.root, self.files, self.interval_seconds = root, files, interval_seconds
        self._s3_changes = -1
        self._saved = {"glue.state": b"", "kms.state": dumps({})}
        self._saving = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_saving, name="snapshots", daemon=True)

    def load(self) -> None:
        """Restore the last saved state, if there is one, and delete bodies that it does not name."""
        s3 = self._read("s3.state") or {}
        named = s3_state.named_files(s3)
        s3_state.restore(s3)
        self.files.sweep(named)
        self._s3_changes = self.files.changes
        if glue := self._read("glue.state"):
            glue_state.restore(glue)
        kms_state.restore(self._read("kms.state") or {})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop the periodic saves and save a last time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.save()

    def save(self) -> None:
        """Save what changed since the last save."""
        with self._saving:
            # Objects name keys, never the other way round.
            self._save_changed("kms.state", kms_state.capture())
            self._save_s3()
            self._save_changed("glue.state", glue_state.capture())

    def _save_s3(self) -> None:
        changes = self.files.changes
        if changes == self._s3_changes:
            return
        released = self.files.released()
        state = s3_state.capture()
        named = s3_state.named_files(state)
        self._write("s3.state", dumps(state))
        self._s3_changes = changes
        self.files.collect(released, named)

    def _save_changed(self, name: str, state: Any) -> None:
        data = dumps(state)
        if data != self._saved[name]:
            self._write(name, data)
            self._saved[name] = data

    def _keep_saving(self) -> None:
        pause = self.interval_seconds
        while not self._stop.wait(pause):
            started = time.monotonic()
            try:
                self.save()
            except Exception:  # a full disk must not end the saves to come
                LOG.exception("The state could not be saved under %s; trying again", self.root)
            pause = max(self.interval_seconds, LOAD_SHARE * (time.monotonic() - started))

    def _write(self, name: str, data: bytes) -> None:
        path, new = self.root / name, self.root / f"{name}.new"
        head = f"local-aws {FORMAT} moto {version('moto')}\n".encode()
        new.write_bytes(head + data)
        new.replace(path)

    def _read(self, name: str) -> Any:
        path = self.root / name
        if not path.exists():
            return None
        head, _, data = path.read_bytes().partition(b"\n")
        remedy = (
            f"Start the version that wrote it ({head.decode(errors='replace')[:60]}), or delete {self.root}"
        )
        if head.split()[:2] != [b"local-aws", str(FORMAT).encode()]:
            raise SnapshotError(f"The saved state {path} has another format. {remedy} and lose its buckets.")
        try:
            return loads(data)
        except Exception as error:
            raise SnapshotError(
                f"The saved state {path} cannot be read ({error}). {remedy} and lose its buckets."
            ) from error
