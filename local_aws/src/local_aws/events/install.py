"""Put our rules in the place of moto's."""

from moto.events import models

from local_aws.events.rule import DeliveringRule


def install() -> None:
    """Make moto build our rules; before the first request."""
    models.Rule = DeliveringRule
