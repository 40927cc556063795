"""Glue job: lakehouse.steps.raw_to_bronze."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.raw_to_bronze import raw_to_bronze

if __name__ == "__main__":
    run_job(raw_to_bronze, sys.argv[1:])
