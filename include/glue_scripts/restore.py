"""Glue job: lakehouse.steps.restore."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.restore import restore

if __name__ == "__main__":
    run_job(restore, sys.argv[1:])
