"""Moto's ECS, whose services tell all that clients compare."""

from moto.ecs import models


class ToldService(models.Service):  # type: ignore[misc]
    """One service; moto leaves out how it is spread over zones."""

    availability_zone_rebalancing = "DISABLED"


def install() -> None:
    """Make moto build our services; before the first request."""
    models.Service = ToldService
