"""Airflow's section [lakehouse]."""

from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowConfigException

from orchestration.configuration import configuration


def test_defaults_suit_aws() -> None:
    settings = configuration()
    assert settings.glue_waiter_delay == settings.sensor_poke_interval == 60
    assert settings.glue_sync_seconds == 0, "an MWAA worker's slot is dear"
    assert (settings.task_retries, settings.task_timeout) == (2, timedelta(hours=2))
    assert (settings.task_retry_delay, settings.wait_minutes) == (timedelta(minutes=1), 60)
    assert settings.glue_verbose
    assert (settings.athena_waiter_delay, settings.arrivals_poll_interval) == (2, 20)
    assert settings.topics == dict.fromkeys(("failures", "quality", "delays"), "")
    assert settings.arrivals_queue == settings.metrics_log_group == ""
    # 2 h and 10 min at a poll a minute: the trigger must not give up before the timeout.
    assert settings.glue_waiter_max_attempts == 130


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("GLUE_WAITER_DELAY", "0.5", "glue_waiter_delay", 0.5),
        ("GLUE_SYNC_SECONDS", "60", "glue_sync_seconds", 60),
        ("GLUE_VERBOSE", "false", "glue_verbose", False),
        ("ATHENA_WAITER_DELAY", "0.2", "athena_waiter_delay", 0.2),
        ("SENSOR_POKE_INTERVAL", "1", "sensor_poke_interval", 1),
        ("WAIT_MINUTES", "0", "wait_minutes", 0),
        ("TASK_RETRIES", "0", "task_retries", 0),
        ("TASK_RETRY_DELAY", "5", "task_retry_delay", timedelta(seconds=5)),
        ("TASK_TIMEOUT_MINUTES", "30", "task_timeout", timedelta(minutes=30)),
        ("METRICS_LOG_GROUP", "/metrics", "metrics_log_group", "/metrics"),
        ("ARRIVALS_QUEUE", "https://q", "arrivals_queue", "https://q"),
        ("ARRIVALS_POLL_INTERVAL", "1", "arrivals_poll_interval", 1),
        ("GLUE_WAITER_MAX_ATTEMPTS", "3", "glue_waiter_max_attempts", 3),
    ],
)
def test_each_key_can_be_set(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, read: object
) -> None:
    monkeypatch.setenv(f"AIRFLOW__LAKEHOUSE__{name}", value)
    assert getattr(configuration(), field) == read


def test_a_short_poll_means_more_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__GLUE_WAITER_DELAY", "1")
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__TASK_TIMEOUT_MINUTES", "1")
    assert configuration().glue_waiter_max_attempts == 660


def test_the_queue_of_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__ARRIVALS_QUEUE", "https://configured")
    monkeypatch.setenv("LAKEHOUSE_ARRIVALS_QUEUE", "https://given")
    assert configuration().arrivals_queue == "https://given"


def test_a_value_of_the_wrong_type_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__LAKEHOUSE__TASK_RETRIES", "twice")
    with pytest.raises(AirflowConfigException, match="task_retries"):
        configuration()
