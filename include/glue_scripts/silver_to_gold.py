"""Glue job: lakehouse.steps.silver_to_gold."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.silver_to_gold import silver_to_gold

if __name__ == "__main__":
    run_job(silver_to_gold, sys.argv[1:])
