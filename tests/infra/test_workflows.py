"""Workflows call what is there, get their identity by OIDC, and take actions by commit."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.terraform import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [step for job in jobs for step in job.get("steps", ())]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_make_targets_exist(workflow: Path) -> None:
    called = re.findall(r"\bmake ([a-z-]+)", " ".join(step.get("run", "") for step in steps(workflow)))
    assert set(called) <= TARGETS


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned(workflow: Path) -> None:
    for step in steps(workflow):
        if "uses" in step:
            assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_may_more_than_it_needs(workflow: Path) -> None:
    text = workflow.read_text()
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    assert "AWS_ACCESS_KEY_ID" not in text


def test_deployments_of_an_environment_wait_for_each_other() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/environment.yaml").read_text())
    assert workflow["concurrency"] == {
        "group": "deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }
    assert workflow["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"
