"""Glue job: lakehouse.steps.optimize."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.optimize import optimize
from lakehouse.steps.run import parse_run

if __name__ == "__main__":
    optimize(spark_session("optimize"), parse_run(sys.argv[1:]))
