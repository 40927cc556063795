"""Glue job: lakehouse.steps.raw_to_bronze."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.raw_to_bronze import raw_to_bronze
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    raw_to_bronze(spark_session("raw_to_bronze"), parse_run(sys.argv[1:]))
