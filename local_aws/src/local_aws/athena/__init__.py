"""Athena that answers: moto's, with queries that run on Trino over the Glue catalog and the Delta logs."""

from local_aws.config import Config


def install(config: Config) -> None:
    """Put this Athena in place of moto's. Call it before the first request reaches the server."""
    from moto.athena.models import athena_backends  # noqa: PLC0415  # moto's import is slow and has side effects

    from local_aws.athena.models import LocalAthenaBackend  # noqa: PLC0415
    from local_aws.athena.runner import Runner  # noqa: PLC0415
    from local_aws.athena.settings import Settings  # noqa: PLC0415

    LocalAthenaBackend.runner = Runner(config, Settings())
    athena_backends.backend = LocalAthenaBackend
