"""Glue job: lakehouse.steps.replay."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.replay import replay
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    replay(spark_session("replay"), parse_run(sys.argv[1:]))
