"""Glue job: lakehouse.steps.silver_to_gold."""

import sys

from lakehouse.session import spark_session
from lakehouse.steps.run import parse_run
from lakehouse.steps.silver_to_gold import silver_to_gold

if __name__ == "__main__":
    silver_to_gold(spark_session("silver_to_gold"), parse_run(sys.argv[1:]))
