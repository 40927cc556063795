"""Glue job: lakehouse.steps.replay."""

import sys

from lakehouse.steps.job import run_job
from lakehouse.steps.replay import replay

if __name__ == "__main__":
    run_job(replay, sys.argv[1:])
