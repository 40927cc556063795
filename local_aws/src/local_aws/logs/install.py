"""Put our CloudWatch Logs in the place of moto's."""

from moto.logs.models import logs_backends

from local_aws.logs.backend import QueryableBackend


def install() -> None:
    """Make moto build our backend; before the first request."""
    logs_backends.backend = QueryableBackend
