"""Unpack Trino's server tarball, cut to the parts that Athena's emulation uses."""

import os
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

PLUGINS = frozenset({"hive", "delta-lake"})
"""Plugins that are kept: 323 MB on disk instead of 1.2 GB of seventy connectors."""

Progress = Callable[[int, int], None]
"""Called with bytes of the tarball read so far and bytes to read in all."""


def unpack(
    tarball: Path, target: Path, progress: Progress | None = None, plugins: Iterable[str] = PLUGINS
) -> None:
    """Unpack a ``trino-server`` tarball without its version folder and without unused plugins.

    The tarball is read twice, because most jars in it are hard links to a file that may belong to a plugin
    that is dropped: the first pass learns which file each link means, the second writes what is wanted.
    The target appears at once and whole, so an interrupted run leaves nothing that looks unpacked.

    Args:
        tarball: ``trino-server-<version>.tar.gz``.
        target: Folder to create; replaced if it exists.
        progress: Told about bytes read; both passes together count as twice the tarball's size.
        plugins: Names of the folders of ``plugin/`` to keep.

    Raises:
        tarfile.TarError: The tarball is damaged; delete it and download it again.
    """
    size = tarball.stat().st_size
    report = progress or (lambda _done, _total: None)
    wanted = _wanted(tarball, frozenset(plugins), lambda done: report(done, 2 * size))
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _write(tarball, wanted, partial, lambda done: report(size + done, 2 * size))
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    report(2 * size, 2 * size)


def _wanted(
    tarball: Path, plugins: frozenset[str], report: Callable[[int], None]
) -> dict[str, list[PurePosixPath]]:
    """Map each stored file that is needed to the places where it goes."""
    files: set[str] = set()
    links: dict[str, str] = {}
    with tarball.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|gz") as archive:
        for member in archive:
            report(raw.tell())
            if member.islnk():
                links[member.name] = member.linkname
            elif member.isfile():
                files.add(member.name)
    wanted: dict[str, list[PurePosixPath]] = {}
    for name in sorted(files | links.keys()):
        place = PurePosixPath(*PurePosixPath(name).parts[1:])
        if place.parts[:1] == ("plugin",) and place.parts[1:2] and place.parts[1] not in plugins:
            continue
        stored = name
        while stored in links:
            stored = links[stored]
        if stored not in files:
            raise tarfile.ReadError(f"{tarball}: {name} links to {stored}, which the tarball lacks")
        wanted.setdefault(stored, []).append(place)
    return wanted


def _write(
    tarball: Path, wanted: dict[str, list[PurePosixPath]], target: Path, report: Callable[[int], None]
) -> None:
    with tarball.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|gz") as archive:
        for member in archive:
            report(raw.tell())
            places = wanted.get(member.name)
            source = archive.extractfile(member) if places and member.isfile() else None
            if source is None or not places:
                continue
            first, *others = (_inside(target, place) for place in places)
            with first.open("wb") as destination:
                shutil.copyfileobj(source, destination, 1 << 20)
            first.chmod(0o755 if member.mode & 0o100 else 0o644)
            for other in others:
                os.link(first, other)


def _inside(target: Path, place: PurePosixPath) -> Path:
    if ".." in place.parts or place.is_absolute():
        raise tarfile.OutsideDestinationError(tarfile.TarInfo(str(place)), str(target))
    path = target / place
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
