"""Where things are, and what a client is told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from laptop.layout import Layout

CHECKOUT = Path(__file__).parents[2]


def test_everything_lies_under_the_checkout_on_the_documented_ports() -> None:
    layout = Layout()
    assert layout.root == CHECKOUT
    assert layout.state_dir == CHECKOUT / ".lakehouse"
    assert layout.cache_dir == CHECKOUT / ".cache"
    assert layout.glue_python == CHECKOUT / ".venv-glue" / "bin" / "python"
    assert (layout.aws_port, layout.trino_port, layout.airflow_port) == (4566, 8085, 8080)
    assert layout.with_airflow
    assert not layout.arrivals


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("LAKEHOUSE_LAPTOP_AWS_PORT", "14566", "aws_port", 14566),
        ("LAKEHOUSE_LAPTOP_AIRFLOW_PORT", "18080", "airflow_port", 18080),
        ("LAKEHOUSE_LAPTOP_WITH_AIRFLOW", "false", "with_airflow", False),
        ("LAKEHOUSE_LAPTOP_STATE_DIR", "/elsewhere", "state_dir", Path("/elsewhere")),
        ("ECOM_S3_BUCKET_NAME", "mine", "bucket", "mine"),
        ("ECOM_AWS_REGION", "eu-central-1", "region", "eu-central-1"),
    ],
)
def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, read: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(Layout(), field) == read


def test_a_folder_named_from_where_one_stands_means_the_same_for_every_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Parts run in the checkout's folder, the command wherever its user is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAKEHOUSE_LAPTOP_STATE_DIR", "lake")
    assert Layout().state_dir == tmp_path / "lake"


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(ValidationError, match="aws_port"):
        Layout(aws_port=port)


def test_a_client_reaches_this_stack_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_AWS_REGION", "eu-central-1")
    assert Layout(aws_port=14566, airflow_port=18080).client_environment() == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:14566",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "ECOM_S3_BUCKET_NAME": "ecommerce-lakehouse-123456789012",
        "ECOM_AWS_REGION": "eu-central-1",
        "LAKEHOUSE_AIRFLOW_URL": "http://127.0.0.1:18080",
    }


def test_queue_and_topic_are_those_of_the_embedded_aws() -> None:
    layout = Layout(aws_port=14566)
    assert layout.queue_url == "http://127.0.0.1:14566/123456789012/lakehouse-arrivals"
    assert layout.topic_arn == "arn:aws:sns:us-east-1:123456789012:lakehouse-alerts"
