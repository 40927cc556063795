"""Keyed hashes in place of the ids of resources.

The key is a secret in AWS Secrets Manager. It is read where the hashes are computed and is no argument, no part of a
plan, of a log or of an error. Who has it, and the clinical buckets, can map hashes back.
"""

import hashlib
import hmac

import boto3
import pandas as pd
from botocore.exceptions import BotoCoreError, ClientError
from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.settings import Settings

SHORTEST_KEY_BYTES = 32


class EvidenceKeyError(RuntimeError):
    """The key cannot be had; the message names the secret and says what to do."""


class EvidenceKey:
    """The key, which nothing prints."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "EvidenceKey(***)"

    def hash(self, references: Column) -> Column:
        """HMAC-SHA256 of references such as `Patient/<id>`, as hexadecimal digits."""
        key = self._key

        def keyed_hash(texts: pd.Series) -> pd.Series:
            return texts.map(lambda text: hmac.new(key, text.encode(), hashlib.sha256).hexdigest())

        return F.pandas_udf(keyed_hash, "string")(references)


def evidence_key() -> EvidenceKey:
    """The key from the secret that `Settings.evidence_key_secret` names; raises EvidenceKeyError."""
    name = Settings().evidence_key_secret
    try:
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except (ClientError, BotoCoreError) as error:
        reason = (
            error.response.get("Error", {}).get("Code")
            if isinstance(error, ClientError)
            else type(error).__name__
        )
        raise EvidenceKeyError(
            f"the key of the evidence cannot be read from the secret {name} ({reason}): create it with at least "
            f"{SHORTEST_KEY_BYTES} random bytes and grant secretsmanager:GetSecretValue to the job's role"
        ) from None
    key = secret.get("SecretBinary") or secret.get("SecretString", "").encode()
    if len(key) < SHORTEST_KEY_BYTES:
        raise EvidenceKeyError(
            f"the secret {name} is too short to be a key: store at least {SHORTEST_KEY_BYTES} random bytes"
        )
    return EvidenceKey(key)
