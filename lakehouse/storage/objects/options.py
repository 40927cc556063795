"""How other clients reach the same S3: what this process was told by its environment, handed on."""

import os
from collections.abc import Mapping

import boto3

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def environment() -> dict[str, str]:
    """Which credentials and endpoint clients are told, as far as it is set; an empty variable is none."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    told = {name: os.environ.get(name, "") for name in (*_KEYS, "AWS_PROFILE")} | {
        "AWS_ENDPOINT_URL": endpoint
    }
    return {name: value for name, value in told.items() if value}


def storage_options(region: str) -> Mapping[str, str]:
    """Options by the names of the crate object_store, which Polars and deltalake read S3 with.

    Only what is set: clients look for credentials themselves where none are given, and an empty one would stop them.
    Of a profile they get the credentials that it has now: not all of them know profiles, beside keys or an endpoint
    least. As for botocore, keys win over it.
    """
    found = environment()
    profile = found.pop("AWS_PROFILE", None)
    if profile and _KEYS[0] not in found:
        found.pop("AWS_SESSION_TOKEN", None)  # of other keys
        found |= _credentials(profile)
    # The crate refuses plain HTTP unless it is told, botocore does not.
    plain = {"AWS_ALLOW_HTTP": "true"} if found.get("AWS_ENDPOINT_URL", "").startswith("http://") else {}
    return {"AWS_REGION": region, **found, **plain}


def _credentials(profile: str) -> dict[str, str]:
    found = boto3.Session(profile_name=profile).get_credentials()
    if found is None:
        return {}
    now = found.get_frozen_credentials()
    values = zip(_KEYS, (now.access_key, now.secret_key, now.token), strict=True)
    return {name: value for name, value in values if value}
