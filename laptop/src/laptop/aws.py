"""The embedded AWS as a part of the stack."""

import sys
from typing import Any

import httpx

from laptop.layout import Layout

NAME = "aws"


def command(layout: Layout) -> list[str]:
    """How the server is started."""
    return [sys.executable, "-m", "local_aws", "serve", "--port", str(layout.aws_port)]


def environment(layout: Layout) -> dict[str, str]:
    """Settings of the server, by name."""
    return {
        "LOCAL_AWS_STATE_DIR": str(layout.state_dir / "aws"),
        "LOCAL_AWS_REGION": layout.region,
        "LOCAL_AWS_ENFORCE_IAM": str(layout.enforce_iam).lower(),
        "LOCAL_AWS_TRINO_PORT": str(layout.trino_port),
        "LOCAL_AWS_TRINO_HOME": str(layout.cache_dir / "trino"),
        "LOCAL_AWS_JARS_DIR": str(layout.cache_dir / "jars"),
        "LOCAL_AWS_GLUE_PYTHON": str(layout.glue_python),
        "GX_ANALYTICS_ENABLED": "false",
        # Each thread's arena costs tens of megabytes and gains nothing at this size.
        "MALLOC_ARENA_MAX": "2",
    }


def health(layout: Layout) -> dict[str, str]:
    """State of each service, such as ``{"s3": "ready", "athena": "starting"}``; empty if nothing answers."""
    try:
        answer = httpx.get(f"{layout.endpoint}/_local_aws/health", timeout=5).json()
        services: dict[str, dict[str, Any]] = answer["services"]
    except (httpx.HTTPError, ValueError, KeyError):
        return {}
    return {name: str(service["state"]) for name, service in services.items()}
