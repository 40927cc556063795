"""Tidying up after a run: raw files are put away, candidates go, and repeating it harms nothing."""

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from orchestration.archive import archive
from orchestration.archive_operator import ArchiveOperator
from tests.orchestration.conftest import Inbox
from tests.orchestration.documents_on_s3 import keys, put, read
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ORDERS = b"order_id\n1\n"
SCRAMBLED = b"\x00\x01"
MIB = 1 << 20


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def report(name: str, content: bytes, status: str = "loaded", **fields: Any) -> dict[str, Any]:
    """One entry of `files` in bronze's candidate.json."""
    whole = {"uri": f"s3://lake/raw/orders/{name}", "sha256": sha(content), "rows": 1, "status": status}
    return whole | {"reason": None} | fields


def candidate(*files: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": "candidate", "tables": {"orders": {"outcome": "candidate", "files": list(files)}}}


def deliver(lake: "S3Client", name: str, content: bytes) -> None:
    lake.put_object(Bucket="lake", Key=f"raw/orders/{name}", Body=content)


def test_a_loaded_file_moves_to_the_archive_and_is_marked_processed(lake: "S3Client") -> None:
    deliver(lake, "april.csv", ORDERS)
    moved = archive(lake, a_plan(), candidate(report("april.csv", ORDERS)))
    assert moved == {"loaded": ["s3://lake/raw/orders/april.csv"]}
    shelf = f"raw/archive/orders/{sha(ORDERS)[:16]}/april.csv"
    marker = f"raw/processed/orders/{sha(ORDERS)[:16]}.json"
    assert keys(lake) == [shelf, marker]
    assert lake.get_object(Bucket="lake", Key=shelf)["Body"].read() == ORDERS
    told = read(lake, marker)
    assert (told["moved_to"], told["run_id"], told["status"]) == (f"s3://lake/{shelf}", "run-1", "loaded")


def test_a_file_whose_content_is_known_is_put_away_as_well(lake: "S3Client") -> None:
    deliver(lake, "again.csv", ORDERS)
    moved = archive(lake, a_plan(), candidate(report("again.csv", ORDERS, "duplicate")))
    assert moved == {"duplicate": ["s3://lake/raw/orders/again.csv"]}
    assert f"raw/archive/orders/{sha(ORDERS)[:16]}/again.csv" in keys(lake)


def test_the_record_of_a_content_is_how_it_came_first(lake: "S3Client") -> None:
    marker = f"raw/processed/orders/{sha(ORDERS)[:16]}.json"
    first = report("april.csv", ORDERS, delivered_at="2025-04-01T06:00:00+00:00")
    again = report("again.csv", ORDERS, "duplicate", delivered_at="2025-04-02T06:00:00+00:00")
    for entry in (report("april.csv", ORDERS, "failed", reason="not yet understood"), first, again):
        deliver(lake, entry["uri"].rpartition("/")[2], ORDERS)
        archive(lake, a_plan(), candidate(entry))

    told = read(lake, marker)
    assert (told["status"], told["delivered_at"]) == ("loaded", "2025-04-01T06:00:00+00:00")
    assert told["moved_to"].endswith("/april.csv")


def test_an_unreadable_file_goes_to_failed_with_its_reason_beside_it(lake: "S3Client") -> None:
    deliver(lake, "odd.xlsx", SCRAMBLED)
    archive(lake, a_plan(), candidate(report("odd.xlsx", SCRAMBLED, "failed", reason="not a workbook")))
    shelf = f"raw/failed/orders/{sha(SCRAMBLED)[:16]}/odd.xlsx"
    assert keys(lake, "raw/failed/") == [shelf, f"{shelf}.reason.json"]
    assert read(lake, f"{shelf}.reason.json")["reason"] == "not a workbook"
    assert keys(lake, "raw/archive/") == keys(lake, "raw/orders/") == []


def test_files_of_one_name_and_different_content_both_survive(lake: "S3Client") -> None:
    for content in (b"1", b"2"):
        deliver(lake, "daily.csv", content)
        archive(lake, a_plan(), candidate(report("daily.csv", content)))
    assert len(keys(lake, "raw/archive/")) == len(keys(lake, "raw/processed/")) == 2


@pytest.mark.parametrize("with_etag", [False, True])
def test_a_file_delivered_anew_since_it_was_read_stays(lake: "S3Client", with_etag: bool) -> None:
    deliver(lake, "april.csv", ORDERS)
    etag = {"etag": lake.head_object(Bucket="lake", Key="raw/orders/april.csv")["ETag"]} if with_etag else {}
    deliver(lake, "april.csv", b"order_id\n2\n")
    assert archive(lake, a_plan(), candidate(report("april.csv", ORDERS, **etag))) == {}
    assert keys(lake) == ["raw/orders/april.csv"]


def test_a_file_is_known_by_its_etag_with_or_without_quotes(lake: "S3Client") -> None:
    deliver(lake, "april.csv", ORDERS)
    etag = lake.head_object(Bucket="lake", Key="raw/orders/april.csv")["ETag"].strip('"')
    archive(lake, a_plan(), candidate(report("april.csv", ORDERS, etag=etag)))
    assert keys(lake, "raw/orders/") == []


def test_a_file_larger_than_one_read_is_known_by_its_whole_content(lake: "S3Client") -> None:
    large = b"x" * (2 * MIB + 1)
    deliver(lake, "large.csv", large)
    archive(lake, a_plan(), candidate(report("large.csv", large)))
    assert keys(lake, "raw/orders/") == []


def test_repeating_changes_nothing(lake: "S3Client") -> None:
    deliver(lake, "april.csv", ORDERS)
    archive(lake, a_plan(), candidate(report("april.csv", ORDERS)))
    before = keys(lake)
    assert archive(lake, a_plan(), candidate(report("april.csv", ORDERS))) == {}
    assert keys(lake) == before


class CutOffError(Exception):
    pass


def test_a_move_that_was_cut_off_is_finished_by_the_next(
    lake: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(lake, "april.csv", ORDERS)

    def cut(**_request: Any) -> None:
        raise CutOffError

    with monkeypatch.context() as patch:
        patch.setattr(lake, "delete_object", cut)
        with pytest.raises(CutOffError):
            archive(lake, a_plan(), candidate(report("april.csv", ORDERS)))
    assert "raw/orders/april.csv" in keys(lake), "nothing is deleted before its copy and its mark are there"
    assert len(keys(lake)) == 3
    archive(lake, a_plan(), candidate(report("april.csv", ORDERS)))
    assert len(keys(lake)) == 2


def test_candidates_of_this_run_and_of_no_other_are_deleted(lake: "S3Client") -> None:
    for key in (
        "bronze/processing/run-1/orders/a",
        "silver/processing/run-1/orders/_delta_log/0.json",
        "gold/processing/run-1/daily_sales/a",
        "gold/processing/run-10/daily_sales/a",
        "gold/daily_sales/a",
        "metadata/runs/run-1/gold/candidate.json",
    ):
        lake.put_object(Bucket="lake", Key=key)
    archive(lake, a_plan(), {"tables": {}})
    assert keys(lake) == [
        "gold/daily_sales/a",
        "gold/processing/run-10/daily_sales/a",
        "metadata/runs/run-1/gold/candidate.json",
    ]


def test_candidates_are_looked_for_in_the_bucket_of_their_layer(lake: "S3Client") -> None:
    lake.create_bucket(Bucket="mart")
    for bucket in ("lake", "mart"):
        lake.put_object(Bucket=bucket, Key="gold/processing/run-1/daily_sales/a")
    archive(lake, a_plan(buckets={"*": "lake", "gold": "mart"}), {"tables": {}})
    assert keys(lake) == ["gold/processing/run-1/daily_sales/a"]
    assert "Contents" not in lake.list_objects_v2(Bucket="mart")


def test_an_object_that_cannot_be_deleted_is_named(lake: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put_object(Bucket="lake", Key="bronze/processing/run-1/orders/a")
    refusal = {"Errors": [{"Key": "bronze/processing/run-1/orders/a", "Message": "Access Denied"}]}
    monkeypatch.setattr(lake, "delete_objects", lambda **_request: refusal)
    with pytest.raises(RuntimeError, match=r"s3://lake/bronze/processing/run-1/orders/a.*Access Denied"):
        archive(lake, a_plan(), {"tables": {}})


class TestTask:
    TASK = "raw_to_bronze.candidate"

    def run(self, summary: dict[str, Any]) -> dict[str, int]:
        operator = ArchiveOperator(task_id="archive", candidate=self.TASK)
        return operator.execute(a_context(raw_to_bronze__candidate=summary))

    def test_it_counts_what_it_moved_and_reports_what_nobody_can_read(
        self, lake: "S3Client", inbox: Inbox
    ) -> None:
        deliver(lake, "april.csv", ORDERS)
        deliver(lake, "odd.xlsx", SCRAMBLED)
        files = report("april.csv", ORDERS), report("odd.xlsx", SCRAMBLED, "failed", reason="cell B7: 'x@y'")
        put(lake, "metadata/runs/run-1/bronze/candidate.json", candidate(*files))
        summary = {"outcome": "candidate", "tables": {"orders": "candidate"}}
        assert self.run(summary) == {"loaded": 1, "failed": 1}
        (told,) = inbox.messages()
        assert told["subject"] == "Unreadable files: ecommerce"
        assert "s3://lake/raw/orders/odd.xlsx" in told["message"]
        assert "x@y" not in told["message"]

    def test_all_well_nobody_is_told(self, lake: "S3Client", inbox: Inbox) -> None:
        deliver(lake, "april.csv", ORDERS)
        put(lake, "metadata/runs/run-1/bronze/candidate.json", candidate(report("april.csv", ORDERS)))
        assert self.run({"outcome": "candidate", "tables": {"orders": "candidate"}}) == {"loaded": 1}
        assert inbox.messages() == []

    def test_a_run_without_files_still_deletes_its_candidates(self, lake: "S3Client") -> None:
        lake.put_object(Bucket="lake", Key="gold/processing/run-1/daily_sales/a")
        assert self.run({"outcome": "nothing_new", "tables": {}}) == {}
        assert keys(lake) == []

    def test_known_files_are_put_away_though_bronze_had_nothing_new(self, lake: "S3Client") -> None:
        deliver(lake, "again.csv", ORDERS)
        document = candidate(report("again.csv", ORDERS, "duplicate")) | {"outcome": "nothing_new"}
        put(lake, "metadata/runs/run-1/bronze/candidate.json", document)
        assert self.run({"outcome": "nothing_new", "tables": {"orders": "nothing_new"}}) == {"duplicate": 1}
