import os

import pytest
from pydantic import ValidationError

from lakehouse import settings
from lakehouse.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(("ECOM_", "LAKEHOUSE_")) or name.upper() in {"REGION", "BUCKET_NAME"}:
            monkeypatch.delenv(name)
    settings.account_id.cache_clear()


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("AWS was asked")

    monkeypatch.setattr("lakehouse.settings.boto3.client", refuse)


def test_an_explicit_bucket_is_used_as_given(monkeypatch: pytest.MonkeyPatch, no_aws: None) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "my-lake")

    assert Settings().buckets("ecommerce") == {"*": "my-lake"}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("name", [None, ""], ids=["unset", "empty"])
def test_the_default_bucket_carries_the_account(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    if name is not None:
        monkeypatch.setenv("ECOM_S3_BUCKET_NAME", name)

    assert Settings().buckets("ecommerce") == {"*": "ecommerce-lakehouse-123456789012"}


def test_reading_settings_asks_aws_nothing(no_aws: None) -> None:
    assert Settings().bucket_name is None


def test_region(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().region == "us-east-1"

    monkeypatch.setenv("ECOM_AWS_REGION", "eu-central-1")

    assert Settings().region == "eu-central-1"


@pytest.mark.xfail(strict=True, reason="an alias that stands for the field is read from the environment too")
@pytest.mark.parametrize(
    ("name", "field"),
    [("REGION", "region"), ("BUCKET_NAME", "bucket_name"), ("BUCKET_OVERRIDES", "bucket_overrides")],
)
def test_only_prefixed_names_are_read(monkeypatch: pytest.MonkeyPatch, name: str, field: str) -> None:
    monkeypatch.setenv(name, '{"a": "b"}')

    assert getattr(Settings(), field) == Settings.model_fields[field].get_default(call_default_factory=True)


def test_overrides_by_domain_and_layer(monkeypatch: pytest.MonkeyPatch, no_aws: None) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "shared")
    monkeypatch.setenv(
        "LAKEHOUSE_BUCKETS",
        '{"clinical": "clinic", "clinical.raw": "landing", "market.gold": "prices"}',
    )

    assert Settings().buckets("clinical") == {"*": "clinic", "raw": "landing"}
    assert Settings().buckets("market") == {"*": "shared", "gold": "prices"}
    assert Settings().buckets("ecommerce") == {"*": "shared"}


def test_every_other_field_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEHOUSE_NUMBER_OF_WORKERS", "10")
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", "shop-")

    assert Settings().number_of_workers == 10
    assert Settings().job_name("raw_to_bronze") == "shop-raw_to_bronze"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAKEHOUSE_NUMBER_OF_WORKERS", "1"),
        ("LAKEHOUSE_JOB_TIMEOUT_MINUTES", "0"),
        ("LAKEHOUSE_JOB_TIMEOUT_MINUTES", "two hours"),
    ],
)
def test_a_value_that_glue_refuses_is_refused_here(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name.removeprefix("LAKEHOUSE_").lower()):
        Settings()
