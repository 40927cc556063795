"""The embedded AWS as a part of the stack."""

import sys

import pytest

from laptop import aws
from laptop.layout import Layout
from laptop.tests.http_service import HttpService

HEALTH = ("GET", "/_local_aws/health")


def test_it_is_started_on_its_port(layout: Layout) -> None:
    command = aws.command(layout)
    assert command == [sys.executable, "-m", "local_aws", "serve", "--port", str(layout.aws_port)]


def test_it_is_told_where_things_are(layout: Layout) -> None:
    variables = aws.environment(layout)
    assert variables["LOCAL_AWS_STATE_DIR"] == str(layout.state_dir / "aws")
    assert variables["LOCAL_AWS_TRINO_PORT"] == str(layout.trino_port)
    assert variables["LOCAL_AWS_TRINO_HOME"] == str(layout.cache_dir / "trino")
    assert variables["LOCAL_AWS_JARS_DIR"] == str(layout.cache_dir / "jars")
    assert variables["LOCAL_AWS_GLUE_PYTHON"] == str(layout.root / ".venv-glue/bin/python")
    assert variables["LOCAL_AWS_REGION"] == "us-east-1"
    assert variables["LOCAL_AWS_ENFORCE_IAM"] == "false"
    strict = layout.model_copy(update={"enforce_iam": True})
    assert aws.environment(strict)["LOCAL_AWS_ENFORCE_IAM"] == "true"


def test_it_knows_every_setting_that_it_is_told(layout: Layout) -> None:
    from local_aws.config import Config

    prefix = "LOCAL_AWS_"
    told = {name.removeprefix(prefix).lower() for name in aws.environment(layout) if name.startswith(prefix)}
    assert told <= set(Config.model_fields)


def test_states_of_the_services(layout: Layout) -> None:
    with HttpService() as service:
        services = {"s3": {"state": "ready"}, "athena": {"state": "starting", "url": "x"}}
        service.answers[HEALTH] = (200, {"services": services})
        up = layout.model_copy(update={"aws_port": service.port})
        assert aws.health(up) == {"s3": "ready", "athena": "starting"}


@pytest.mark.parametrize("body", [{}, {"status": "other program"}])
def test_another_programs_answer_is_none(layout: Layout, body: dict[str, str]) -> None:
    with HttpService() as service:
        service.answers[HEALTH] = (200, body)
        assert aws.health(layout.model_copy(update={"aws_port": service.port})) == {}


def test_nobody_answers(layout: Layout) -> None:
    assert aws.health(layout) == {}
