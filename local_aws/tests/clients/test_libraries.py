"""Libraries that read and write S3: the Delta library, Arrow, and awswrangler with the catalog."""

import concurrent.futures

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import fs


@pytest.fixture
def options(environment):
    return {**environment, "AWS_ALLOW_HTTP": "true", "conditional_put": "etag"}


def test_delta_rs_appends_merges_and_travels(bucket, options):
    uri = f"s3://{bucket}/t"
    write_deltalake(uri, pa.table({"k": [1, 2], "v": ["a", "b"]}), storage_options=options)
    write_deltalake(uri, pa.table({"k": [3], "v": ["c"]}), mode="append", storage_options=options)
    table = DeltaTable(uri, storage_options=options)
    news = pa.table({"k": [3, 4], "v": ["C", "d"]})
    table.merge(
        news, "t.k = s.k", source_alias="s", target_alias="t"
    ).when_matched_update_all().when_not_matched_insert_all().execute()
    rows = table.to_pyarrow_table().sort_by("k").to_pydict()
    assert rows == {"k": [1, 2, 3, 4], "v": ["a", "b", "C", "d"]}
    assert DeltaTable(uri, version=0, storage_options=options).to_pyarrow_table().num_rows == 2


def test_delta_rs_loses_no_append_of_many_writers(bucket, options):
    uri = f"s3://{bucket}/t"
    write_deltalake(uri, pa.table({"n": [0]}), storage_options=options)

    def append(number):
        write_deltalake(uri, pa.table({"n": [number]}), mode="append", storage_options=options)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(1, 17)))
    table = DeltaTable(uri, storage_options=options)
    assert sorted(table.to_pyarrow_table()["n"].to_pylist()) == list(range(17))
    assert table.version() == 16


def test_arrow_reads_a_dataset_by_its_own_client(bucket, storage):
    s3 = fs.S3FileSystem(
        endpoint_override=storage.endpoint, access_key="test", secret_key="test", region="us-east-1"
    )
    pq.write_to_dataset(
        pa.table({"day": ["a", "b"], "n": [1, 2]}), f"{bucket}/d", partition_cols=["day"], filesystem=s3
    )
    assert pq.read_table(f"{bucket}/d", filesystem=s3, filters=[("day", "=", "b")])["n"].to_pylist() == [2]


def test_awswrangler_writes_a_dataset_with_its_table(bucket):
    import awswrangler as wr

    frame = pd.DataFrame({"id": [1, 2], "value": ["foo", "boo"], "day": ["x", "y"]})
    wr.catalog.create_database("wrangled", exist_ok=True)
    wr.s3.to_parquet(
        df=frame,
        path=f"s3://{bucket}/dataset/",
        dataset=True,
        mode="overwrite",
        database="wrangled",
        table="my_table",
        partition_cols=["day"],
    )
    assert wr.catalog.get_table_types(database="wrangled", table="my_table") == {
        "id": "bigint",
        "value": "string",
        "day": "string",
    }
    partitions = wr.catalog.get_partitions(database="wrangled", table="my_table")
    assert sorted(partitions.values()) == [["x"], ["y"]]
    back = wr.s3.read_parquet_table(database="wrangled", table="my_table").sort_values("id")
    assert back["value"].tolist() == ["foo", "boo"]
    wr.s3.delete_objects(f"s3://{bucket}/dataset/")
    assert wr.s3.list_objects(f"s3://{bucket}/") == []
