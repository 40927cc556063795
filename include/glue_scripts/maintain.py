"""Glue job: lakehouse.steps.maintain."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.maintain import maintain
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    maintain(spark_session("maintain"), parse_run(sys.argv[1:]))
