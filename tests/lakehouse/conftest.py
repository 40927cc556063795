"""One Spark session for every test here, an S3 in memory, and quiet hypothesis."""

import gc
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws

from tests.lakehouse.embedded_aws import CREDENTIALS, ROOT, embedded_aws
from tests.lakehouse.spark_options import spark_options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

# A Spark job takes a good part of a second: few examples, each of many rows, the same in every run, no deadline.
settings.register_profile(
    "spark", max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("spark")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Spark, so that `-m "not spark"` runs the rest in seconds."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an S3 that other processes reach as well."""
    with embedded_aws(tmp_path_factory.mktemp("aws") / "state") as url:
        yield url


@pytest.fixture(scope="session")
def faults(endpoint: str) -> Any:
    """Client of the embedded AWS's fault plane, which lives in the other environment."""
    path = ROOT / "local_aws" / "src" / "local_aws" / "faults" / "client.py"
    spec = importlib.util.spec_from_file_location("fault_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FaultClient(endpoint)


@pytest.fixture(scope="session")
def spark(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SparkSession]":
    """Spark with Delta, configured by the engine's own session."""
    from pyspark.sql import SparkSession

    from lakehouse.session import spark_session

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    options = spark_options(endpoint, tmp_path_factory.mktemp("spark"))
    SparkSession.builder.master("local[2]").config(map=options).getOrCreate().sparkContext.setLogLevel(
        "ERROR"
    )
    session = spark_session("tests")
    yield session
    session.stop()


@pytest.fixture
def own_logging() -> Iterator[None]:
    """The tests' own logging, as it was before, after a test that configures this process as a job's."""
    root, ours = logging.getLogger(), logging.getLogger("lakehouse")
    handlers, levels = [*root.handlers], (root.level, ours.level)
    root.handlers.clear()  # those of pytest, which would be closed
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


@pytest.fixture(scope="module", autouse=True)
def forgotten_lakes() -> Iterator[None]:
    """Nothing of a module's lakes stays in Spark's memory, which hundreds of them would fill."""
    yield
    pyspark: Any = sys.modules.get("pyspark.sql")
    session = pyspark and pyspark.SparkSession.getActiveSession()
    if session:
        gc.collect()  # what Python still holds, the JVM holds
        session._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


@pytest.fixture(scope="module")
def s3(endpoint: str) -> "Iterator[S3Client]":
    """A client of the S3 at `endpoint`, which every other client of this process meets as well."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps the credentials that it met first
        yield boto3.client("s3")


@pytest.fixture(scope="module")
def evidence_key(s3: "S3Client") -> Iterator[bytes]:
    """The key of the clinical evidence, in a secret of its own, which the settings name."""
    key = uuid4().hex.encode()
    name = f"lakehouse/clinical/{uuid4().hex[:8]}"
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=name, SecretBinary=key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEHOUSE_EVIDENCE_KEY_SECRET", name)
        yield key
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def bucket(s3: "S3Client") -> str:
    """A new bucket on the real S3."""
    name = f"lake-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in memory, account 123456789012; no call leaves the process."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def lake(aws: None) -> "S3Client":
    """A client of an S3 that holds the one bucket `lake`."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="lake")
    return client
