"""Another client reads and writes the vault with the options that the store gives it, and nothing else."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakehouse.storage.objects.s3 import S3Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.mark.usefixtures("s3")
def test_delta_rs_reads_and_writes_by_the_stores_options(bucket: str, s3: "S3Client") -> None:
    store = S3Store(bucket, "vault", region="us-east-1")
    uri, options = store.uri("processed/coinbase/ticker"), dict(store.storage_options)

    write_deltalake(uri, pa.table({"price": ["68900.50"]}), storage_options=options)

    assert DeltaTable(uri, storage_options=options).to_pyarrow_table().to_pylist() == [{"price": "68900.50"}]
    assert store.list_files("processed/coinbase/ticker", "*.json") == [
        "processed/coinbase/ticker/_delta_log/00000000000000000000.json"
    ]
