"""A server whose alarms are evaluated five times a second."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture(scope="session")
def watched(tmp_path_factory, storage):
    server = type(storage)(tmp_path_factory.mktemp("watched"), glue_warm="false", alarm_seconds=0.2).start()
    yield server
    server.stop()


@pytest.fixture
def cloudwatch(watched):
    return watched.client("cloudwatch")


@pytest.fixture
def namespace(request):
    """A namespace of the test's own."""
    return f"Test/{request.node.name}"


@pytest.fixture
def minutes_ago():
    """The start of the minute so many minutes before the present one."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return lambda count: now - timedelta(minutes=count)
