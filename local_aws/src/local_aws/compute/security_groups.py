"""Security groups whose rules keep their descriptions."""

from moto.ec2.models import security_groups as models


class DescribedRule(models.SecurityGroupRule):  # type: ignore[misc]
    """One rule; moto forgets the description of one that names another group."""

    @property
    def description(self) -> str | None:
        described: dict[str, str] = self.ip_range or self.source_group or {}
        return described.get("Description")


def install() -> None:
    """Make moto build our rules; before the first request."""
    models.SecurityGroupRule = DescribedRule
