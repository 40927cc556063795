"""What `make dist` builds."""

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from lakehouse.operations.artifacts.build import build, lock_digest
from lakehouse.operations.artifacts.failure import ArtifactsError
from lakehouse.operations.artifacts.manifest import Environment, read_manifest
from tests.lakehouse.operations.artifacts.conftest import FILES, git, make_checkout

ENVIRONMENT = Environment(name="abc.tar.gz", platform="x86_64-manylinux_2_28", lock_sha256="0" * 64)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_everything_that_is_deployed_is_there_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    assert folder.name == git(checkout, "rev-parse", "HEAD").strip()
    assert contents(folder).keys() == {
        "dags/deep/other.py",
        "dags/shop.py",
        "expectations/shop/gold/sales.json",
        "glue/publish.py",
        "lakehouse-0.1.0-py3-none-any.whl",
        "lakehouse-log-store.jar",
        "manifest.json",
        "plugins.zip",
        "requirements.txt",
        "startup.sh",
    }


def test_the_root_of_plugins_zip_is_the_folder_of_plugins(checkout: Path, tmp_path: Path) -> None:
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    with zipfile.ZipFile(folder / "plugins.zip") as plugins:
        assert plugins.namelist() == [
            "include/sql/shop/registration/tables.sql",
            "lakehouse-0.1.0-py3-none-any.whl",
            "orchestration/__init__.py",
            "orchestration/gate.py",
        ]
        wheel = plugins.read("lakehouse-0.1.0-py3-none-any.whl")
    assert wheel == (folder / "lakehouse-0.1.0-py3-none-any.whl").read_bytes()


def test_the_same_commit_gives_the_same_bytes(checkout: Path, tmp_path: Path) -> None:
    """Another folder, another order of writing, other times and rights of the files."""
    before = os.umask(0o077)
    try:
        other = make_checkout(tmp_path / "other", sorted(FILES, reverse=True))
    finally:
        os.umask(before)
    for path in other.rglob("*.py"):
        os.utime(path, (1, 1))
    first = contents(build(checkout, tmp_path / "first", ENVIRONMENT))
    second = contents(build(other, tmp_path / "second", ENVIRONMENT))
    assert first == second


def test_the_manifest_has_the_hash_of_every_file(checkout: Path, tmp_path: Path) -> None:
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    written = json.loads((folder / "manifest.json").read_text())
    hashes = {entry["path"]: entry["sha256"] for entry in written["artifacts"]}
    found = contents(folder)
    del found["manifest.json"]
    assert hashes == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}
    assert written["environment"]["name"] == "abc.tar.gz"
    assert read_manifest(folder).prefix == f"releases/{folder.name}"


def test_a_build_is_checked_against_its_manifest(checkout: Path, tmp_path: Path) -> None:
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    assert read_manifest(folder).problems(folder) == []
    (folder / "requirements.txt").write_text("pandas\n")
    (folder / "dags" / "shop.py").unlink()
    (folder / "dags" / "stray.py").write_text("")
    assert read_manifest(folder).problems(folder) == [
        "dags/shop.py is missing",
        "dags/stray.py is not listed in manifest.json",
        "requirements.txt has another content than manifest.json says",
    ]


@pytest.mark.parametrize("changed", ["requirements.txt", "dags/shop.py", "lakehouse/__init__.py"])
def test_a_build_of_what_is_not_committed_says_so(checkout: Path, tmp_path: Path, changed: str) -> None:
    (checkout / changed).write_text("# changed\n")
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    assert folder.name == git(checkout, "rev-parse", "HEAD").strip() + "-dirty"


def test_only_what_is_built_now_is_shipped(checkout: Path, tmp_path: Path) -> None:
    """A wheel of an earlier version lies about, and an earlier build of this commit held another file."""
    folder = build(checkout, tmp_path / "out", ENVIRONMENT)
    (folder / "stray").write_text("")
    (checkout / "dist" / "release" / "lakehouse-9.9.9-py3-none-any.whl").write_text("")
    assert "stray" not in contents(build(checkout, tmp_path / "out", ENVIRONMENT))
    assert read_manifest(folder).wheel == "lakehouse-0.1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "missing", ["requirements.txt", "config/startup.sh", ".cache/log-store/lakehouse-log-store.jar"]
)
def test_nothing_is_built_without_what_a_deploy_needs(checkout: Path, tmp_path: Path, missing: str) -> None:
    (checkout / missing).unlink()
    with pytest.raises(ArtifactsError, match=Path(missing).name):
        build(checkout, tmp_path / "out", ENVIRONMENT)
    assert list((tmp_path / "out").glob("[!.]*")) == []


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match="artifacts are built from a checkout"):
        build(tmp_path, tmp_path / "out", ENVIRONMENT)


def test_the_lock_of_the_packed_environment_is_known_by_its_content(checkout: Path) -> None:
    expected = hashlib.sha256(FILES["locks/glue-environment.txt"].encode()).hexdigest()
    assert lock_digest(checkout) == expected


@pytest.mark.parametrize(
    ("text", "message"), [(None, "cannot be read"), ("{}", "version: Field required"), ("[", "no manifest")]
)
def test_what_is_no_build_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ArtifactsError, match=message):
        read_manifest(tmp_path)
