import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from lakehouse import settings
from lakehouse.address import bucket_of, query_results_uri
from lakehouse.settings import Settings, StorageSettings
from lakehouse.storage.objects.factory import object_store


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

    assert Settings().buckets("clinical") == {"*": "clinic", "raw": "landing", "scripts": "shared"}
    assert Settings().buckets("market") == {"*": "shared", "gold": "prices"}
    assert Settings().buckets("ecommerce") == {"*": "shared"}


def test_every_domain_finds_what_is_deployed_once(monkeypatch: pytest.MonkeyPatch, no_aws: None) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "shared")
    monkeypatch.setenv(
        "LAKEHOUSE_BUCKETS", '{"clinical": "clinic", "ecommerce.scripts": "elsewhere", "laws.raw": "landing"}'
    )

    for domain in ("clinical", "ecommerce", "laws", "market_data"):
        assert bucket_of("scripts", Settings().buckets(domain)) == "shared"


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


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config" / "config.yaml"


def test_storage_without_a_file_is_s3(config: Path) -> None:
    assert Settings().storage == StorageSettings(backend="s3", base_dir="", bucket="market-data-vault")


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    config.write_text(
        "storage: {backend: local, base_dir: vault}\njob_prefix: from-file-\nregion: eu-west-1\n"
    )
    assert Settings().storage == StorageSettings(backend="local", base_dir="vault")
    assert Settings().job_name("publish") == "from-file-publish"
    assert Settings().region == "eu-west-1"

    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "s3")
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", "")
    monkeypatch.setenv("LAKEHOUSE_JOB_PREFIX", "from-environment-")
    monkeypatch.setenv("ECOM_AWS_REGION", "us-west-2")
    assert Settings().storage == StorageSettings(backend="s3")
    assert Settings().job_name("publish") == "from-environment-publish"
    assert Settings().region == "us-west-2"


def test_another_file_can_be_named(monkeypatch: pytest.MonkeyPatch, config: Path, tmp_path: Path) -> None:
    config.write_text("storage: {bucket: not-this-one}\n")
    other = tmp_path / "other.yaml"
    other.write_text("storage: {bucket: this-one}\n")
    monkeypatch.setenv("LAKEHOUSE_CONFIG_FILE", str(other))

    assert Settings().storage.bucket == "this-one"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stroage: {}", "unknown stroage"),
        ("storage: {backend: gcs}", "backend"),
        ("storage: {basedir: x}", "basedir"),
        ("storage: {base_dir: prod}", r"base_dir is 'prod', but storage\.backend is s3: .+ name another"),
        ("- storage", "settings by name"),
    ],
)
def test_a_wrong_file_is_named(config: Path, content: str, message: str) -> None:
    config.write_text(content)
    with pytest.raises(ValueError, match=message):
        Settings()


def test_the_shipped_file_says_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert Settings().storage == StorageSettings()


def test_the_store_is_the_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch, config: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", str(tmp_path / "vault"))
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "local")
    assert object_store(Settings()).uri("a") == str(tmp_path / "vault" / "a")

    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", "~/vault")
    assert object_store(Settings()).uri("a") == str(Path.home() / "vault" / "a")

    monkeypatch.setenv("LAKEHOUSE_STORAGE__BASE_DIR", "")
    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "s3")
    assert object_store(Settings()).uri("a") == "s3://market-data-vault/a"

    monkeypatch.setenv("LAKEHOUSE_STORAGE__BACKEND", "local")
    with pytest.raises(ValueError, match=r"set storage\.base_dir"):
        object_store(Settings())


def test_patients_share_no_bucket_with_other_domains(monkeypatch: pytest.MonkeyPatch, no_aws: None) -> None:
    monkeypatch.setenv("ECOM_S3_BUCKET_NAME", "shared")
    clinical = Settings().buckets("clinical")

    assert {layer: clinical[layer] for layer in ("raw", "bronze", "silver", "gold")} == {
        "raw": "metriccare-raw-data",
        "bronze": "metriccare-bronze-data",
        "silver": "metriccare-silver-data",
        "gold": "metriccare-gold-data",
    }
    assert bucket_of("rejected", clinical) == "metriccare-silver-data"
    assert query_results_uri(clinical) == "s3://metriccare-gold-data/athena_queries/"
    assert {bucket for layer, bucket in clinical.items() if layer != "scripts"}.isdisjoint(
        Settings().buckets("ecommerce").values()
    )
