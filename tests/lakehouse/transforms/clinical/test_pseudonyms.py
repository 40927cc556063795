"""The key of the evidence: needed, long enough, and told nowhere."""

import hashlib
import hmac
from typing import TYPE_CHECKING

import boto3
import pytest

from lakehouse.transforms.clinical.pseudonyms import EvidenceKeyError, evidence_key
from tests.lakehouse.frames import frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KEY = "canary-key-canary-key-canary-key"
NAME = "lakehouse/clinical/evidence-key"


def test_a_missing_secret_is_named(aws: None) -> None:
    with pytest.raises(EvidenceKeyError, match=f"{NAME} .*ResourceNotFoundException.*create it"):
        evidence_key()


def test_the_setting_names_the_secret(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_EVIDENCE_KEY_SECRET", "another/name")

    with pytest.raises(EvidenceKeyError, match="another/name"):
        evidence_key()


def test_a_key_of_less_than_32_bytes_is_refused_and_not_told(aws: None) -> None:
    boto3.client("secretsmanager").create_secret(Name=NAME, SecretString=KEY[:31])

    with pytest.raises(EvidenceKeyError, match="too short") as error:
        evidence_key()
    assert "canary" not in str(error.value)


def test_hashes_are_hmac_and_nothing_shows_the_key(
    spark: "SparkSession", aws: None, capfd: pytest.CaptureFixture[str]
) -> None:
    from pyspark.sql import functions as F

    boto3.client("secretsmanager").create_secret(Name=NAME, SecretString=KEY)
    key = evidence_key()
    found = frame(spark, {"id": "string"}, [{"id": "1"}]).select(
        key.hash(F.concat(F.lit("Patient/"), "id")).alias("hash")
    )
    found.explain(extended=True)
    plan = capfd.readouterr().out

    assert "keyed_hash" in plan
    assert "canary" not in plan + repr(key) + str(vars(key).keys())
    assert [row["hash"] for row in found.collect()] == [
        hmac.new(KEY.encode(), b"Patient/1", hashlib.sha256).hexdigest()
    ]


def test_a_hash_that_fails_does_not_show_the_key(spark: "SparkSession", aws: None) -> None:
    """A reference that is no text breaks the worker; what Spark says of it has neither key nor reference."""
    from pyspark.errors import PythonException
    from pyspark.sql import functions as F

    boto3.client("secretsmanager").create_secret(Name=NAME, SecretString=KEY)
    hashed = frame(spark, {"id": "string"}, [{"id": None}]).select(evidence_key().hash(F.col("id")))

    with pytest.raises(PythonException) as error:
        hashed.collect()
    assert "canary" not in str(error.value)
