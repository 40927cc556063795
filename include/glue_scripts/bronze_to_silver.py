"""Glue job: lakehouse.steps.bronze_to_silver."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.bronze_to_silver import bronze_to_silver
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    bronze_to_silver(spark_session("bronze_to_silver"), parse_run(sys.argv[1:]))
