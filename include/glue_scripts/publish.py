"""Glue job: lakehouse.steps.publish."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.publish import publish

if __name__ == "__main__":
    run_job(publish, sys.argv[1:])
