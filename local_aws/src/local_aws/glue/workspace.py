"""What a run needs from S3 on disk: its script, its files, its environment."""

import hashlib
import logging
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path, PurePosixPath

from moto.s3.models import s3_backends

from local_aws.config import Config
from local_aws.s3.objects import StoredKey

LOG = logging.getLogger(__name__)
PACKAGES = "site-packages"


class LaunchError(RuntimeError):
    """A run cannot start; the message is the run's ErrorMessage."""


def s3_object(uri: str, account_id: str) -> StoredKey:
    """Find an object by its ``s3://`` URI.

    Raises:
        LaunchError: It is no such URI, or there is no such object.
    """
    scheme, _, rest = uri.partition("://")
    bucket_name, _, key_name = rest.partition("/")
    if scheme not in {"s3", "s3a"} or not key_name:
        raise LaunchError(f"LAUNCH ERROR | {uri} is not an S3 URI of an object (s3://bucket/key)")
    bucket = s3_backends[account_id]["aws"].buckets.get(bucket_name)
    key = bucket.keys.get(key_name) if bucket else None
    if not isinstance(key, StoredKey):
        raise LaunchError(f"LAUNCH ERROR | File not found: {uri}. Upload it, or correct the job's arguments.")
    return key


def fetch(uri: str, folder: Path, account_id: str) -> Path:
    """Copy an object into a folder under its base name."""
    target = folder / PurePosixPath(uri).name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(s3_object(uri, account_id).body.path, target)
    return target


def fetch_once(uri: str, cache: Path, account_id: str) -> Path:
    """Copy an object into a cache, in a folder named by its content; a copy that is there is kept."""
    etag = s3_object(uri, account_id).etag.strip('"')
    folder = cache / etag
    if not (folder / PurePosixPath(uri).name).exists():
        unfinished = cache / f"{etag}.{threading.get_ident()}"
        fetch(uri, unfinished, account_id).rename(_made(folder) / PurePosixPath(uri).name)
        unfinished.rmdir()
    return folder / PurePosixPath(uri).name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Environments:
    """Packed virtual environments (venv-pack, conda-pack), unpacked once per ETag."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.root = config.state_dir / "cache" / "environments"
        self._lock = threading.Lock()

    def site_packages(self, uri: str) -> Path:
        """Folder of the packages of a packed environment, byte-compiled.

        Raises:
            LaunchError: The archive is missing, broken, or made for another Python.
        """
        key = s3_object(uri, self.config.account_id)
        name = hashlib.sha256(f"{uri} {key.etag}".encode()).hexdigest()[:24]
        folder = self.root / name
        with self._lock:
            if not folder.exists():
                self._unpack(uri, key, folder)
        return folder / PACKAGES

    def _unpack(self, uri: str, key: StoredKey, folder: Path) -> None:
        unfinished = folder.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        python = python_version(self.config.glue_python)
        try:
            with tarfile.open(key.body.path) as archive:
                count = _extract_packages(archive, unfinished / PACKAGES, python)
        except tarfile.TarError as error:
            raise LaunchError(
                f"LAUNCH ERROR | --python-virtual-env {uri} cannot be unpacked: {error}"
            ) from error
        if not count:
            raise LaunchError(
                f"LAUNCH ERROR | --python-virtual-env {uri} has no lib/python{python}/{PACKAGES}: "
                f"pack an environment of Python {python}"
            )
        compile_all = [str(self.config.glue_python), "-m", "compileall", "-q", "-j", "2", str(unfinished)]
        subprocess.run(compile_all, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        unfinished.rename(folder)
        LOG.info("Unpacked %s (%d files)", uri, count)


def _extract_packages(archive: tarfile.TarFile, target: Path, python: str) -> int:
    """Extract ``lib/pythonX.Y/site-packages`` of a packed environment; returns the number of entries."""
    mark = f"lib/python{python}/{PACKAGES}/"
    count = 0
    for member in archive:
        _, found, inside = member.name.partition(mark)
        if found and inside:
            member.name = inside
            archive.extract(member, target, filter="data")
            count += 1
    return count


_VERSIONS: dict[Path, str] = {}


def python_version(python: Path) -> str:
    """``major.minor`` of an interpreter."""
    if python not in _VERSIONS:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
        _VERSIONS[python] = done.stdout.strip()
    return _VERSIONS[python]
