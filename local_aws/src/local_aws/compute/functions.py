"""Functions of Lambda that tell where failed calls go."""

from typing import Any

from moto.awslambda import models


class ToldFunction(models.LambdaFunction):  # type: ignore[misc]
    """One function; moto forgets its dead-letter queue."""

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        super().__init__(account_id=account_id, spec=spec, region=region, version=version)
        self.dead_letters: dict[str, str] | None = spec.get("DeadLetterConfig")

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        told = {"DeadLetterConfig": self.dead_letters} if self.dead_letters else {}
        return {**super().get_configuration(on_create), **told}

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        self.dead_letters = config_updates.get("DeadLetterConfig", self.dead_letters)
        super().update_configuration(config_updates)
        return self.get_configuration()


def install() -> None:
    """Make moto build our functions; before the first request."""
    models.LambdaFunction = ToldFunction
