"""Crawlers of Delta tables: what they register of a log that another program wrote, and how they fail."""

import json
import re
import time

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from local_aws.faults.client import FaultClient

OVER_SECONDS = 60
FIELDS = pa.schema(
    [
        pa.field("Id", pa.int64(), nullable=False),
        ("amount", pa.decimal128(18, 2)),
        ("sold_at", pa.timestamp("us", tz="UTC")),
        ("lines", pa.list_(pa.struct([("sku", pa.string()), ("count", pa.int32())]))),
        ("day", pa.date32()),
    ]
)
COLUMNS = [
    ("id", "bigint"),
    ("amount", "decimal(18,2)"),
    ("sold_at", "timestamp"),
    ("lines", "array<struct<sku:string,count:int>>"),
    ("day", "date"),
]


def own_name(request):
    return re.sub(r"\W+", "_", request.node.name).strip("_")


def options_of(server):
    """How the Delta library writes to a server."""
    return {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


@pytest.fixture
def options(storage):
    return options_of(storage)


@pytest.fixture
def orders(bucket, options, request):
    """Location of an empty table."""
    location = f"s3://{bucket}/{own_name(request)}/Daily-Orders"
    write_deltalake(location, FIELDS.empty_table(), partition_by=["day"], storage_options=options)
    return location


class Crawler:
    """A crawler of a database of its own."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        client.create_database(DatabaseInput={"Name": name})

    def create(self, *locations, target=(("CreateNativeDeltaTable", True),), **definition):
        given = {"DeltaTables": list(locations), **dict(target)}
        definition = {"DatabaseName": self.name, "Targets": {"DeltaTargets": [given]}, **definition}
        self.client.create_crawler(Name=self.name, Role="lake", **definition)

    def run(self):
        """Start a crawl; returns how it ended."""
        self.client.start_crawler(Name=self.name)
        return self.wait()

    def wait(self):
        deadline = time.monotonic() + OVER_SECONDS
        while (found := self.client.get_crawler(Name=self.name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        return found["LastCrawl"]

    def tables(self):
        found = self.client.get_tables(DatabaseName=self.name)["TableList"]
        return {table["Name"]: table for table in found}

    def columns(self, name):
        return [(c["Name"], c["Type"]) for c in self.tables()[name]["StorageDescriptor"]["Columns"]]


@pytest.fixture
def crawler(storage, request):
    return Crawler(storage.client("glue"), own_name(request))


@pytest.mark.conforms(
    "glue:StartCrawler",
    "glue/latest/webapi/API_DeltaTarget.html",
    "Specifies whether the crawler will create native tables, to allow integration with query engines that support "
    "querying of the Delta transaction log directly.",
    differs="columns that partition are columns like the others; of the parameters of AWS's crawler only those that "
    "engines need and UPDATED_BY_CRAWLER are set; nothing is logged",
)
def test_a_delta_table_is_registered_from_its_log(crawler, orders):
    crawler.create(f"{orders}/", TablePrefix="raw_")
    before = crawler.client.get_crawler(Name=crawler.name)["Crawler"]
    assert (before["State"], "LastCrawl" in before) == ("READY", False)
    assert crawler.run()["Status"] == "SUCCEEDED"
    (table,) = crawler.tables().values()
    assert (table["Name"], table["TableType"]) == ("raw_daily_orders", "EXTERNAL_TABLE")
    assert table["Parameters"] == {
        "EXTERNAL": "TRUE",
        "UPDATED_BY_CRAWLER": crawler.name,
        "table_type": "DELTA",
        "spark.sql.sources.provider": "delta",
    }
    assert table["StorageDescriptor"]["Location"] == orders
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["path"] == orders
    assert crawler.columns("raw_daily_orders") == COLUMNS
    (crawl,) = crawler.client.list_crawls(CrawlerName=crawler.name)["Crawls"]
    assert (crawl["State"], crawl["EndTime"] >= crawl["StartTime"]) == ("COMPLETED", True)


@pytest.mark.parametrize("behaviour", ["UPDATE_IN_DATABASE", "LOG"])
@pytest.mark.conforms(
    "glue:StartCrawler",
    "glue/latest/webapi/API_SchemaChangePolicy.html",
    "The update behavior when the crawler finds a changed schema.",
    differs="the change is not logged, and DeleteBehavior does nothing",
)
def test_a_new_column_is_found_after_a_checkpoint(crawler, orders, bucket, storage, options, behaviour):
    crawler.create(orders, SchemaChangePolicy={"UpdateBehavior": behaviour})
    crawler.run()
    wider = FIELDS.append(pa.field("note", pa.string())).empty_table()
    write_deltalake(orders, wider, mode="append", schema_mode="merge", storage_options=options)
    DeltaTable(orders, storage_options=options).create_checkpoint()
    s3 = storage.client("s3")
    for version in range(2):
        key = f"{orders.removeprefix(f's3://{bucket}/')}/_delta_log/{version:020}.json"
        s3.head_object(Bucket=bucket, Key=key)
        s3.delete_object(Bucket=bucket, Key=key)
    assert crawler.run()["Status"] == "SUCCEEDED"
    new = [] if behaviour == "LOG" else [("note", "string")]
    assert crawler.columns("daily_orders") == [*COLUMNS, *new]


@pytest.mark.conforms(
    "glue:GetCrawler",
    "glue/latest/webapi/API_LastCrawlInfo.html",
    "If an error occurred, the error information about the last crawl.",
    differs="it is worded by us",
)
def test_a_target_without_a_log_fails_the_crawl(crawler, bucket, orders):
    crawler.create(orders, f"s3://{bucket}/none")
    last = crawler.run()
    assert last["Status"] == "FAILED"
    assert last["ErrorMessage"].startswith(f"Delta Lake transaction log not found at s3://{bucket}/none")
    assert list(crawler.tables()) == ["daily_orders"]
    (crawl,) = crawler.client.list_crawls(CrawlerName=crawler.name)["Crawls"]
    assert (crawl["State"], crawl["ErrorMessage"]) == ("FAILED", last["ErrorMessage"])


def test_a_crawler_reads_as_its_role(crawler, bucket, orders, storage):
    denied = {
        "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/lake"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    storage.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    crawler.create(orders)
    assert crawler.run()["Status"] == "FAILED"
    assert crawler.tables() == {}


def test_a_missing_database_and_a_taken_name_fail_the_crawl(crawler, bucket, orders, options):
    crawler.create(orders, DatabaseName="none")
    assert crawler.run()["ErrorMessage"] == "Database none not found."
    other = f"s3://{bucket}/gold/Daily-Orders"
    write_deltalake(other, FIELDS.empty_table(), storage_options=options)
    crawler.client.delete_crawler(Name=crawler.name)
    crawler.create(orders, other)
    assert f"is at {orders} already" in crawler.run()["ErrorMessage"]


@pytest.mark.conforms(
    "glue:StartCrawler",
    "glue/latest/webapi/API_DeltaTarget.html",
    "Specifies whether to write the manifest files to the Delta table path.",
    absent="no manifest is written, and the crawl fails and says so",
)
@pytest.mark.parametrize("target", [{"WriteManifest": True}, {"CreateNativeDeltaTable": False}])
def test_manifests_are_not_written(crawler, orders, target):
    crawler.create(orders, target=target.items())
    assert "CreateNativeDeltaTable" in crawler.run()["ErrorMessage"]
    assert crawler.tables() == {}


@pytest.mark.conforms(
    "glue:StartCrawler",
    "glue/latest/webapi/API_StartCrawler.html",
    "If the crawler is already running, returns a CrawlerRunningException.",
)
@pytest.mark.conforms(
    "glue:StopCrawler",
    "glue/latest/webapi/API_StopCrawler.html",
    "If the specified crawler is running, stops the crawl.",
    differs="after the table that it is at",
)
def test_a_running_crawl_is_stopped_and_not_started_twice(slow, slow_tables):
    slow.create(*slow_tables)
    slow.client.start_crawler(Name="slow")
    with pytest.raises(slow.client.exceptions.CrawlerRunningException):
        slow.client.start_crawler(Name="slow")
    slow.client.stop_crawler(Name="slow")
    assert slow.client.get_crawler(Name="slow")["Crawler"]["State"] == "STOPPING"
    assert slow.wait()["Status"] == "CANCELLED"
    assert list(slow.tables()) == ["a"]


def test_a_crawl_that_the_server_leaves_has_failed(slow, slow_tables, lone_server):
    slow.create(*slow_tables)
    slow.client.start_crawler(Name="slow")
    lone_server.stop()
    lone_server.start()
    assert slow.wait()["ErrorMessage"] == "The server ended during the crawl"


@pytest.fixture
def slow(lone_server):
    return Crawler(lone_server.client("glue"), "slow")


@pytest.fixture
def slow_tables(lone_server):
    """Two tables, of which the first is read slowly."""
    lone_server.client("s3").create_bucket(Bucket="slow")
    locations = [f"s3://slow/{name}" for name in "ab"]
    for location in locations:
        write_deltalake(location, FIELDS.empty_table(), storage_options=options_of(lone_server))
    delay = {"service": "s3", "resource": "slow/a/*", "rate": 1, "fault": "delay", "seconds": 1}
    FaultClient(lone_server.endpoint).replace([delay])
    return locations
