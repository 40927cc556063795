"""Names of replicas: the buckets of the first region and a suffix, as Terraform makes them (`replica_region`)."""

from collections.abc import Mapping

SUFFIX = "-replica"


def replicas(buckets: Mapping[str, str], suffix: str = SUFFIX) -> dict[str, str]:
    """Layer → bucket of the copies."""
    return {layer: f"{bucket}{suffix}" for layer, bucket in buckets.items()}
