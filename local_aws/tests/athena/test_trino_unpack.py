"""Unpacking Trino's tarball, on one of a few bytes that has its structure."""

import io
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest

from local_aws.trino import unpack


def tarball(folder: Path, *, dangling: bool = False) -> Path:
    """Two plugins; the kept one's jar is a hard link to that of the dropped one, as in the real tarball."""
    path = folder / "trino-server-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:

        def file(name: str, body: bytes, mode: int = 0o644) -> None:
            member = tarfile.TarInfo(f"trino-server-1/{name}")
            member.size, member.mode = len(body), mode
            archive.addfile(member, io.BytesIO(body))

        def link(name: str, target: str) -> None:
            member = tarfile.TarInfo(f"trino-server-1/{name}")
            member.type, member.linkname = tarfile.LNKTYPE, f"trino-server-1/{target}"
            archive.addfile(member)

        file("bin/launcher", b"#!/bin/sh\n", 0o755)
        file("lib/main.jar", b"main")
        file("plugin/accumulo/shared.jar", b"shared")
        file("plugin/accumulo/own.jar", b"own")
        link("plugin/hive/shared.jar", "plugin/accumulo/shared.jar")
        link("plugin/delta-lake/shared.jar", "plugin/hive/shared.jar")
        if dangling:
            link("lib/lost.jar", "lib/nowhere.jar")
    return path


def test_keeps_what_is_linked_and_drops_the_other_plugins(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    unpack(tarball(tmp_path), tmp_path / "trino", lambda done, total: seen.append((done, total)))
    home = tmp_path / "trino"
    files = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    assert files == ["bin/launcher", "lib/main.jar", "plugin/delta-lake/shared.jar", "plugin/hive/shared.jar"]
    assert (home / "plugin/hive/shared.jar").read_bytes() == b"shared"
    assert (home / "plugin/hive/shared.jar").samefile(home / "plugin/delta-lake/shared.jar")
    assert (home / "bin/launcher").stat().st_mode & 0o111
    assert seen[-1][0] == seen[-1][1]
    assert all(before[0] <= after[0] for before, after in pairwise(seen))


def test_replaces_an_older_one_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "trino").mkdir()
    (tmp_path / "trino" / "old").touch()
    unpack(tarball(tmp_path), tmp_path / "trino")
    assert not (tmp_path / "trino" / "old").exists()
    with pytest.raises(tarfile.ReadError, match=r"nowhere\.jar"):
        unpack(tarball(tmp_path, dangling=True), tmp_path / "other")
    assert not (tmp_path / "other").exists()
