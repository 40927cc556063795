"""Glue job: lakehouse.steps.publish."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.publish import publish
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    publish(spark_session("publish"), parse_run(sys.argv[1:]))
