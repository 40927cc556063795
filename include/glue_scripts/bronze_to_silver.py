"""Glue job: lakehouse.steps.bronze_to_silver."""

import sys

from lakehouse.steps.bronze_to_silver import bronze_to_silver
from lakehouse.steps.job import run_job

if __name__ == "__main__":
    run_job(bronze_to_silver, sys.argv[1:])
