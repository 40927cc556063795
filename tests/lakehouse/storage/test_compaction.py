"""Which partitions are worth rewriting; that rewriting changes no row, tests/lakehouse/steps/test_maintain.py tests."""

import json
from typing import TYPE_CHECKING, Any

from lakehouse.storage.compaction import Layout, needed_rewrite
from lakehouse.storage.snapshot import snapshot

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TABLE = "s3://lake/silver/orders"
MONDAY, TUESDAY = "2025-04-07", "2025-04-08"
PLAIN = Layout(target_bytes=100)
ORDERED = Layout(target_bytes=100, z_order=("product_id",))


def add(path: str, day: str = MONDAY, size: int = 10, *, data_change: bool = True) -> dict[str, Any]:
    return {"add": {"path": path, "partitionValues": {"date": day}, "size": size, "dataChange": data_change}}


def remove(path: str) -> dict[str, Any]:
    return {"remove": {"path": path, "deletionTimestamp": 0, "dataChange": False}}


def commit(lake: "S3Client", number: int, *actions: dict[str, Any], **info: Any) -> None:
    lines = [{"commitInfo": {"operation": "WRITE", **info}}, *actions]
    key = f"silver/orders/_delta_log/{number:020d}.json"
    lake.put_object(Bucket="lake", Key=key, Body="\n".join(map(json.dumps, lines)).encode())


def ordering(*columns: str, read: int) -> dict[str, Any]:
    parameters = {"zOrderBy": json.dumps(columns), "predicate": "[]"}
    return {"operation": "OPTIMIZE", "operationParameters": parameters, "readVersion": read}


def days(layout: Layout) -> set[str | None]:
    """The days to rewrite."""
    found = snapshot(TABLE)
    assert found is not None
    rewrite = needed_rewrite(TABLE, found, layout)
    return {value for partition in rewrite.partitions for _, value in partition} if rewrite else set()


class TestSmallFiles:
    def test_two_of_a_partition_become_one(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a"), add("b"), add("c", TUESDAY))

        assert days(PLAIN) == {MONDAY}

    def test_a_file_of_half_the_size_is_large_enough(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a", size=50), add("b", size=49))

        assert days(PLAIN) == set()

    def test_a_large_file_beside_two_small_ones(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a", size=90), add("b", size=49), add("c", size=49))
        found = snapshot(TABLE)
        assert found is not None

        rewrite = needed_rewrite(TABLE, found, PLAIN)

        assert rewrite is not None
        assert (rewrite.files, rewrite.reason) == (2, "2 small files in 1 partitions")

    def test_an_empty_table_needs_nothing(self, lake: "S3Client") -> None:
        commit(lake, 0)

        assert (days(PLAIN), days(ORDERED)) == (set(), set())


class TestZOrder:
    def test_a_table_that_never_was_in_order(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a", size=90), add("b", size=90), add("c", TUESDAY))

        assert days(ORDERED) == {MONDAY}, "a file alone cannot be told apart from others"

    def test_what_came_since(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a"), add("b"), add("c", TUESDAY), add("d", TUESDAY))
        commit(
            lake,
            1,
            *map(remove, "abcd"),
            *(add(name, day, 90, data_change=False) for name, day in (("ab", MONDAY), ("cd", TUESDAY))),
            **ordering("product_id", read=0),
        )
        assert days(ORDERED) == set()

        commit(lake, 2, add("e", TUESDAY))

        assert days(ORDERED) == {TUESDAY}

    def test_what_was_committed_while_it_ran(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a"), add("b"))
        commit(lake, 1, add("late"))
        commit(
            lake,
            2,
            *map(remove, "ab"),
            add("ab", data_change=False),
            **ordering("product_id", read=0),
        )

        assert days(ORDERED) == {MONDAY}

    def test_what_came_and_went_again_does_not_count(self, lake: "S3Client") -> None:
        ordered = (add("a", data_change=False), add("b", size=90, data_change=False))
        commit(lake, 0, *ordered, **ordering("product_id", read=-1))
        commit(lake, 1, add("c"))
        commit(lake, 2, remove("c"))

        assert days(ORDERED) == set()

    def test_another_order_counts_for_nothing(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a"), add("b"))
        commit(lake, 1, **ordering("order_id", read=0))

        assert days(ORDERED) == {MONDAY}

    def test_what_the_log_no_longer_tells_is_taken_for_unordered(self, lake: "S3Client") -> None:
        commit(lake, 0, add("a"), add("b"))
        commit(lake, 1)
        found = snapshot(TABLE)
        assert found is not None
        lake.delete_object(Bucket="lake", Key=f"silver/orders/_delta_log/{0:020d}.json")

        rewrite = needed_rewrite(TABLE, found, ORDERED)

        assert rewrite is not None
        assert rewrite.files == 2
