"""STS whose unknown keys are the root of the account, as policies see them."""

from typing import Any

from moto.sts import models

from local_aws.identity.principal import principal_of


class RootSTSBackend(models.STSBackend):  # type: ignore[misc]
    """moto answers ``user/moto`` for the key ``test``, a user that no policy can name."""

    @property
    def _url_module(self) -> Any:
        from moto.sts import urls  # noqa: PLC0415 - moto derives it from this module's name otherwise

        return urls

    def get_caller_identity(self, access_key_id: str, region: str) -> tuple[str, str, str]:
        del region
        principal = principal_of(access_key_id, self.account_id)
        return principal.user_id, principal.arn, self.account_id


def install() -> None:
    """Put our STS in the place of moto's; before the first request."""
    models.sts_backends.backend = RootSTSBackend
