"""Replay: a domain's tables are made a second time, from what was delivered, by the steps that made them.

They lie beside the live ones, every layer judged by its checkpoints, and are compared with them row by row. The
switch, a Glue run of its own, makes what differs the live tables' newest versions.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import SparkSession

from lakehouse.steps.bronze_to_silver import bronze_to_silver
from lakehouse.steps.compare_replay import compare_replay
from lakehouse.steps.publish import publish
from lakehouse.steps.raw_to_bronze import raw_to_bronze
from lakehouse.steps.run import Run
from lakehouse.steps.silver_to_gold import silver_to_gold
from lakehouse.steps.switch_replay import switch_replay

log = logging.getLogger(__name__)

_STEPS: dict[str, Callable[[SparkSession, Run], None]] = {
    "bronze": raw_to_bronze,
    "silver": bronze_to_silver,
    "gold": silver_to_gold,
}


def replay(spark: SparkSession, run: Run) -> None:
    """Make the tables beside the live ones and compare them, or switch to those that the run made before.

    Begun again, it goes on from what is there. Raises UnauditedError where a checkpoint refuses a layer,
    ArchiveError where the archive cannot be read, ReplayError where the live tables changed meanwhile.
    """
    if run.switch:
        switch_replay(spark, run)
        return
    for layer, step in _STEPS.items():
        if run.makes_beside(layer):
            step(spark, run)
            publish(spark, replace(run, layer=layer))
            log.info("%s: %s made from %s", run.domain, layer, run.source)
    compare_replay(spark, run)
