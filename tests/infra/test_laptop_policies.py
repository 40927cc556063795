"""What `lakehouse up --enforce-iam` lets its roles do is what Terraform's roles may do, resource by resource."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from lakehouse.operations.pools import domains
from laptop import access
from tests.infra.conftest import Applied
from tests.infra.simulation import ACCOUNT, simulation
from tests.infra.test_least_privilege import BUCKETS, GLUE, MWAA, listed

OF_MWAA_ITSELF = {
    *("AirflowMetrics", "ReadSource", "ReadSourceObjects", "AccountPublicAccess", "AirflowLogs"),
    *("DescribeLogGroups", "EnvironmentMetrics", "CeleryQueue", "CeleryKey", "AirflowSecrets"),
}
WITHOUT_KEYS = "UseKeys"
"""The laptop's buckets have no keys of KMS."""

Allowed = dict[str, tuple[set[str], set[str], str]]
"""Statement id → actions, resources, condition."""


@pytest.fixture(scope="module")
def of_terraform(applied: Applied) -> dict[str, list[dict[str, Any]]]:
    """Role → statements."""
    return simulation(applied).identity


def of_laptop(file: str) -> list[dict[str, Any]]:
    """A policy of the laptop, with the names that Terraform gives."""
    names = {
        "account": [ACCOUNT],
        "bucket": [f"{name}-{ACCOUNT}" for own in BUCKETS.values() for name in own],
        "domain": domains(),
        "prefix": [role.removesuffix("glue") for role in GLUE.values()],
        "region": ["us-east-1"],
        "shared": [f"{BUCKETS['ecommerce'][0]}-{ACCOUNT}"],
    }
    policy = json.loads((access._POLICIES / file).read_text())
    statements: list[dict[str, Any]] = access.filled(policy, names)["Statement"]
    return statements


def allowed(statements: Iterable[dict[str, Any]]) -> Allowed:
    """Statements of one id taken together."""
    found: Allowed = {}
    for one in statements:
        condition = json.dumps(one.get("Condition"), sort_keys=True)
        actions, resources, same = found.setdefault(one["Sid"], (set(), set(), condition))
        assert same == condition
        actions.update(listed(one["Action"]))
        resources.update(listed(one.get("Resource", [])))
    return found


def test_airflow_may_do_the_same(of_terraform: dict[str, list[dict[str, Any]]]) -> None:
    left_out = OF_MWAA_ITSELF | {WITHOUT_KEYS}
    there = allowed(one for one in of_terraform[MWAA] if one["Sid"] not in left_out)
    assert allowed(of_laptop("airflow.json")) == there


def test_the_jobs_may_do_what_those_of_all_domains_may(of_terraform: dict[str, list[dict[str, Any]]]) -> None:
    """One role runs the jobs of every domain on a laptop."""
    own = [one for role in GLUE.values() for one in of_terraform[role] if one["Sid"] != WITHOUT_KEYS]
    assert allowed(of_laptop("jobs.json")) == allowed(own)
