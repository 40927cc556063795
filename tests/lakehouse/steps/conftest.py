from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyspark.sql import SparkSession

    from tests.lakehouse.steps.lake import Lake


@pytest.fixture
def new_lake(spark: "SparkSession", s3: "S3Client") -> "Lake":
    """A lake of the test's own, without any delivery."""
    from tests.lakehouse.steps.lake import Lake

    return Lake.of_its_own(spark, s3)
