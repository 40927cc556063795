"""Glue job: lakehouse.steps.restore."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.restore import restore
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    restore(spark_session("restore"), parse_run(sys.argv[1:]))
