"""One version, one writer: a publication is made once, or is stale."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from lakehouse.session import session_of_its_own
from lakehouse.storage import delta_log
from lakehouse.storage.publication import (
    Publication,
    StaleCandidateError,
    latest,
    publish_once,
    sources_gained,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

WRITERS = 4


@pytest.fixture
def uri(spark: "SparkSession", bucket: str) -> str:
    """An empty table of numbers."""
    made = f"s3://{bucket}/numbers"
    spark.createDataFrame([], "number bigint").write.format("delta").save(made)
    return made


def append(spark: "SparkSession", uri: str, number: int) -> "Callable[[], None]":
    row = spark.createDataFrame([(number,)], "number bigint")
    return lambda: row.write.format("delta").mode("append").save(uri)


def numbers(spark: "SparkSession", uri: str) -> list[int]:
    return sorted(row["number"] for row in spark.read.format("delta").load(uri).collect())


def test_of_writers_that_start_from_one_version_one_commits(spark: "SparkSession", uri: str) -> None:
    together = Barrier(WRITERS)

    def publish(number: int) -> int | None:
        session = session_of_its_own(spark)
        write = append(session, uri, number)

        def at_once() -> None:
            together.wait()
            write()

        try:
            publish_once(session, uri, 0, Publication(f"candidate {number}", "run"), at_once)
        except StaleCandidateError:
            return None
        return number

    with ThreadPoolExecutor(WRITERS) as pool:
        published = [number for number in pool.map(publish, range(WRITERS)) if number is not None]

    assert len(published) == 1
    assert numbers(spark, uri) == published
    assert delta_log.version(uri) == 1


def test_a_publication_that_is_there_is_not_written_again(spark: "SparkSession", uri: str) -> None:
    session = session_of_its_own(spark)
    first, second = Publication("first", "run", {"input": 3}), Publication("second", "run")
    assert publish_once(session, uri, 0, first, append(session, uri, 1)) == 1
    assert publish_once(session, uri, 1, second, append(session, uri, 2)) == 2

    assert publish_once(session, uri, 0, first, append(session, uri, 1)) == 1

    assert numbers(spark, uri) == [1, 2]
    assert latest(uri, 1) == (1, first)
    assert latest(uri) == (2, second)


def test_a_commit_that_delta_passes_over_is_noticed(spark: "SparkSession", uri: str) -> None:
    """The other writer commits when ours has looked and not yet begun: Delta says nothing at all."""
    session, other = session_of_its_own(spark), session_of_its_own(spark)
    write = append(session, uri, 1)

    def after_the_other() -> None:
        publish_once(other, uri, 0, Publication("other", "run"), append(other, uri, 2))
        write()

    with pytest.raises(StaleCandidateError, match="another writer committed after version 0"):
        publish_once(session, uri, 0, Publication("ours", "run"), after_the_other)

    assert numbers(spark, uri) == [2]


def test_the_next_commit_of_a_session_is_free(spark: "SparkSession", uri: str) -> None:
    session = session_of_its_own(spark)
    publish_once(session, uri, 0, Publication("first", "run"), append(session, uri, 1))

    append(session, uri, 2)()

    assert numbers(spark, uri) == [1, 2]
    assert "userMetadata" not in delta_log.commit_info(uri, 2)


def test_sources_are_those_of_the_commits_asked_for(spark: "SparkSession", uri: str) -> None:
    for number, sources in enumerate((["a"], ["b", "c"], ["d"])):
        said = Publication(f"candidate {number}", "run", sources=sources)
        publish_once(spark, uri, number, said, append(spark, uri, number))
    spark.sql(f"OPTIMIZE delta.`{uri}`")

    assert sources_gained(uri, 1, 4) == {"b", "c", "d"}
    assert sources_gained(uri, 4, 4) == set()


def test_sources_are_unknown_where_a_commit_does_not_tell_them(spark: "SparkSession", uri: str) -> None:
    publish_once(spark, uri, 0, Publication("candidate", "run", sources=["a"]), append(spark, uri, 1))
    append(spark, uri, 2)()

    assert sources_gained(uri, 0, 1) == {"a"}
    assert sources_gained(uri, 0, 2) is None
    assert sources_gained(uri, 0, 3) is None, "the log does not reach so far"
