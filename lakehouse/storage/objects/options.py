"""How other clients reach the same S3: what this process was told by its environment, handed on."""

import os
from collections.abc import Mapping

_HANDED_ON = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


def storage_options(region: str) -> Mapping[str, str]:
    """Options by the names of the crate object_store, which Polars and deltalake read S3 with.

    Only what is set: clients look for credentials themselves where none are given, and an empty one would stop them.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    found = {name: os.environ.get(name, "") for name in _HANDED_ON} | {"AWS_ENDPOINT_URL": endpoint}
    # The crate refuses plain HTTP unless it is told, botocore does not.
    plain = {"AWS_ALLOW_HTTP": "true"} if endpoint.startswith("http://") else {}
    return {"AWS_REGION": region, **{name: value for name, value in found.items() if value}, **plain}
