"""What a Delta table asks of its readers, read from a log that grows; no engine needed."""

import json

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from local_aws.athena import delta_tables
from local_aws.athena.clients import Clients
from local_aws.athena.errors import QueryFailedError
from local_aws.config import Config


@pytest.fixture
def clients(lone_server):
    clients = Clients(Config(port=lone_server.port))
    clients.s3.create_bucket(Bucket="tables")
    return clients


def test_features_follow_the_log(clients):
    options = {**clients.storage_options(), "AWS_S3_ALLOW_UNSAFE_RENAME": "true"}

    def append():
        write_deltalake("s3://tables/t", pa.table({"n": [1]}), mode="append", storage_options=options)

    def require(number, **protocol):
        body = json.dumps({"protocol": protocol}).encode()
        clients.s3.put_object(Bucket="tables", Key=f"t/_delta_log/{number:020}.json", Body=body)

    def features():
        return delta_tables.reader_features(clients, "s3://tables/t/")

    append()
    assert features() == set()
    append()
    assert features() == set()
    require(2, minReaderVersion=2, minWriterVersion=5)
    assert features() == {"columnMapping"}
    require(
        3,
        minReaderVersion=3,
        minWriterVersion=7,
        readerFeatures=["typeWidening"],
        writerFeatures=["typeWidening"],
    )
    assert features() == {"typeWidening"}
    # Another table takes the place of the first.
    for item in clients.s3.list_objects_v2(Bucket="tables", Prefix="t/")["Contents"]:
        clients.s3.delete_object(Bucket="tables", Key=item["Key"])
    append()
    assert features() == set()


def test_a_place_without_a_log_is_told(clients):
    with pytest.raises(QueryFailedError, match="transaction log not found at s3://tables/none"):
        delta_tables.reader_features(clients, "s3://tables/none")
