"""What both stores promise, checked on both."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse.storage.objects.factory import store_at
from lakehouse.storage.objects.local import LocalStore
from lakehouse.storage.objects.s3 import S3Store
from lakehouse.storage.objects.store import FileMissingError, FileTakenError, ObjectStore, StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LARGE = bytes(range(256)) * 4096 * 9  # 9 MiB: two parts on S3


@pytest.fixture(params=["s3", "s3 below a prefix", "local"])
def store(request: pytest.FixtureRequest, lake: "S3Client", tmp_path: Path) -> ObjectStore:
    made: dict[str, Callable[[], ObjectStore]] = {
        "s3": lambda: S3Store("lake", region="us-east-1"),
        "s3 below a prefix": lambda: S3Store("lake", "vault/a", region="us-east-1"),
        "local": lambda: LocalStore(tmp_path / "vault"),
    }
    (tmp_path / "vault").mkdir()
    return made[request.param]()


def test_what_is_written_is_read(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(LARGE)

    store.write("a/empty", b"")
    store.write("a/small", b"first")
    store.write("a/small", b"second")
    store.upload("a/large", source)
    store.upload_stream("a/stream", BytesIO(LARGE))

    assert store.read("a/empty") == b""
    assert store.read("a/small") == b"second"
    assert store.read("a/large") == store.read("a/stream") == LARGE
    with store.open("a/large") as stream:
        assert stream.read(10) == LARGE[:10]
    assert [store.size(f"a/{name}") for name in ("empty", "small", "large", "none")] == [
        0,
        6,
        len(LARGE),
        None,
    ]


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["at once", "in parts"])
def test_what_must_not_be_replaced_stays(store: ObjectStore, content: bytes) -> None:
    store.upload_stream("a/file", BytesIO(content), replace=False)

    with pytest.raises(FileTakenError, match="a/file"):
        store.upload_stream("a/file", BytesIO(LARGE), replace=False)

    assert store.read("a/file") == content
    assert store.list_files("") == ["a/file"]


def test_a_stream_that_breaks_leaves_nothing(store: ObjectStore) -> None:
    class Breaking(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 5 * 1024 * 1024:
                raise ConnectionAbortedError("the source broke")
            return super().read(size)

    with pytest.raises((StoreError, ConnectionAbortedError), match=r"source broke|a/file"):
        store.upload_stream("a/file", Breaking(LARGE))

    assert store.size("a/file") is None
    assert store.list_files("") == []


def test_files_are_listed_by_their_names(store: ObjectStore) -> None:
    for path in ("raw/ready/b.ndjson", "raw/ready/deep/a.ndjson", "raw/ready2/c.ndjson", "raw/ready/a.txt"):
        store.write(path, b"")

    assert store.list_files("raw/ready", "*.ndjson") == ["raw/ready/b.ndjson", "raw/ready/deep/a.ndjson"]
    assert store.list_files("raw/ready/", "a.*") == ["raw/ready/a.txt", "raw/ready/deep/a.ndjson"]
    assert store.list_files("raw/ready", "ready/*") == [], "the glob sees the name only"
    assert len(store.list_files("")) == 4
    assert store.list_files("nothing/here") == []


def test_a_folder_that_is_not_there_is_no_empty_vault(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "vault")

    with pytest.raises(StoreError, match=r"list .+ there is no folder .+/vault; correct storage\.base_dir"):
        store.list_files("raw/ready")
    assert store.size("raw/ready/a") is None
    store.write("raw/ready/a", b"")
    assert store.list_files("raw/ready") == ["raw/ready/a"]
    assert store.list_files("bronze") == []

    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="there is no folder"):
        LocalStore(tmp_path / "file").list_files("raw/ready")


def test_all_pages_are_listed(lake: "S3Client") -> None:
    store = S3Store("lake", region="us-east-1")
    for number in range(7):
        store.write(f"many/{number}", b"")

    def small_pages(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = 3

    store._s3.meta.events.register("provide-client-params.s3.ListObjectsV2", small_pages)
    assert len(lake.list_objects_v2(Bucket="lake", MaxKeys=3)["Contents"]) == 3

    assert store.list_files("many") == [f"many/{number}" for number in range(7)]


def test_a_move_may_be_repeated(store: ObjectStore) -> None:
    store.write("from/a", b"content")

    store.move("from/a", "to/b")
    store.move("from/a", "to/b")

    assert store.list_files("") == ["to/b"]
    assert store.read("to/b") == b"content"
    with pytest.raises(FileMissingError, match="from/none"):
        store.move("from/none", "to/none")


def test_a_deletion_may_be_repeated(store: ObjectStore) -> None:
    store.write("a", b"")
    store.delete("a")
    store.delete("a")

    assert store.size("a") is None


def test_what_is_missing_is_named(store: ObjectStore) -> None:
    with pytest.raises(FileMissingError, match=r"read .*a/none"):
        store.read("a/none")
    with pytest.raises(FileMissingError, match=r"a/none"), store.open("a/none"):
        pass


def test_a_path_that_is_none_is_refused(store: ObjectStore) -> None:
    for path in ("", "/a", "a//b", "a/../b", "./a", "a/", "a\\b", "a\nb", "é" * 513):
        for operation in (store.read, store.size, store.delete, lambda path: store.write(path, b"")):
            with pytest.raises(ValueError, match=r"path|key"):
                operation(path)
    assert store.list_files("") == []


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_storage_options_hold_what_is_set(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("AWS_SESSION_TOKEN", "")
    store = S3Store("lake", "vault", region="eu-west-1")
    assert store.storage_options == {"AWS_REGION": "eu-west-1"}

    environment.setenv("AWS_ACCESS_KEY_ID", "id")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert store.storage_options == {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ALLOW_HTTP": "true",
    }
    assert LocalStore(tmp_path).storage_options == {}


@pytest.fixture
def profile(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A profile `vault` that has keys, and is set."""
    file = tmp_path / "credentials"
    file.write_text("[vault]\naws_access_key_id = of-profile\naws_secret_access_key = secret-of-profile\n")
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    environment.setenv("AWS_PROFILE", "vault")


@pytest.mark.usefixtures("profile")
def test_storage_options_hold_the_credentials_of_a_profile(environment: pytest.MonkeyPatch) -> None:
    """Polars refuses AWS_PROFILE beside keys, and beside an endpoint without TLS."""
    environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    assert S3Store("lake", region="eu-west-1").storage_options == {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "of-profile",
        "AWS_SECRET_ACCESS_KEY": "secret-of-profile",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ALLOW_HTTP": "true",
    }


@pytest.mark.usefixtures("profile")
def test_keys_win_over_a_profile(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "id")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert S3Store("lake", region="eu-west-1").storage_options == {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


def test_uris(tmp_path: Path) -> None:
    assert S3Store("lake", "vault", region="us-east-1").uri("a/b") == "s3://lake/vault/a/b"
    assert S3Store("lake", region="us-east-1").uri() == "s3://lake"
    assert LocalStore(tmp_path).uri("a/b") == str(tmp_path / "a/b")


def test_files_are_told_with_their_size_and_time(store: ObjectStore) -> None:
    earlier = datetime.now(UTC) - timedelta(seconds=2)  # S3 tells whole seconds
    store.write("table/b", b"12345")
    store.write("table/a=1/c", b"")
    store.write("tables/d", b"")

    found = list(store.files("table"))

    assert [(file.path, file.size) for file in found] == [("table/a=1/c", 0), ("table/b", 5)]
    assert all(earlier <= file.modified <= datetime.now(UTC) for file in found)
    assert list(store.files("none")) == []


def test_a_large_file_is_copied_to_a_stream(store: ObjectStore) -> None:
    store.upload_stream("large", BytesIO(LARGE))
    target = BytesIO()

    store.download("large", target)

    assert target.getvalue() == LARGE
    with pytest.raises(FileMissingError, match="none"):
        store.download("none", target)


def test_many_are_removed_at_once(store: ObjectStore) -> None:
    names = [f"many/{number:04}" for number in range(1001)]
    for name in names:
        store.write(name, b"")

    store.delete(*names[1:], "many/none")

    assert store.list_files("many") == names[:1]


def test_what_others_delivered_is_opened_as_it_was_listed(lake: "S3Client") -> None:
    lake.put_object(Bucket="lake", Key="raw/orders//april.csv", Body=b"order_id")
    store, folder = store_at("s3://lake/raw/orders")

    (found,) = store.files(folder)

    assert found.path == "raw/orders//april.csv"
    with store.open(found.path) as content:
        assert content.read() == b"order_id"


def test_a_uri_names_its_store(lake: "S3Client", tmp_path: Path) -> None:
    for uri in ("s3://lake/silver/orders/a", str(tmp_path / "silver" / "orders" / "a")):
        store, path = store_at(uri)
        store.write(path, b"content")
        assert (store.uri(path), store.read(path)) == (uri, b"content")
    assert (tmp_path / "silver" / "orders" / "a").read_bytes() == b"content"


def test_marks_of_folders_are_no_files_and_go(lake: "S3Client") -> None:
    for key in ("log/", "log/deep/", "log/commit", "logs/"):
        lake.put_object(Bucket="lake", Key=key, Body=b"")
    store = S3Store("lake", region="us-east-1")

    assert store.list_files("log") == ["log/commit"]
    store.remove_folder_marks("log")

    left = [found["Key"] for found in lake.list_objects_v2(Bucket="lake")["Contents"]]
    assert left == ["log/commit", "logs/"]
