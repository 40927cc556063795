"""Glue job: lakehouse.steps.maintain."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.maintain import maintain

if __name__ == "__main__":
    run_job(maintain, sys.argv[1:])
