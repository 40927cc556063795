"""The clients of this folder find the server by nothing but their environment."""

import os

import boto3
import pytest


@pytest.fixture(scope="session")
def environment(storage):
    """What any client of AWS reads."""
    return {
        "AWS_ENDPOINT_URL": storage.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }


@pytest.fixture(autouse=True)
def _client_environment(environment, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boto3.setup_default_session()
