"""Terraform as a test drives it: a copy of the root, providers from a folder where one is set, no questions."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from scripts.package_function import PACKAGE, package

ROOT = Path(__file__).parents[2]
TREE = ROOT / "infra" / "terraform"
PROVIDERS_VARIABLE = "LAKEHOUSE_TERRAFORM_PROVIDERS"
AT_ONCE = 30
"""Most of an apply is Terraform's own waiting until settings are consistent."""


class TerraformError(AssertionError):
    """Terraform failed; the message is what it said."""


def binary() -> str:
    """The `terraform` of the path."""
    found = shutil.which("terraform")
    if found is None:
        raise TerraformError("terraform is missing: install Terraform 1.11 (docs/infrastructure.md)")
    return found


def providers() -> Path | None:
    """A filesystem mirror of providers: what the variable names, else one below /opt; None for Terraform's own ways."""
    if named := os.environ.get(PROVIDERS_VARIABLE):
        return Path(named)
    found = sorted(folder.parent for folder in Path("/opt").glob("*/registry.terraform.io"))
    return found[0] if found else None


class Terraform:
    """One working directory; `endpoint` is that of the embedded AWS, None where nothing is called."""

    def __init__(self, work: Path, endpoint: str | None = None) -> None:
        self.directory = work / "infra" / "terraform"
        shutil.copytree(TREE, self.directory, ignore=shutil.ignore_patterns(".terraform"), dirs_exist_ok=True)
        # The root reads contracts and scripts of the checkout beside it.
        for name in ("lakehouse", "include", "requirements.txt"):
            (work / name).symlink_to(ROOT / name)
        package(work / PACKAGE)
        self.environment = self._environment(work, endpoint)

    @staticmethod
    def _environment(work: Path, endpoint: str | None) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        own |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        own |= {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
        }
        if endpoint:
            own["AWS_ENDPOINT_URL"] = endpoint
        if mirror := providers():
            config = work / "terraform.rc"
            config.write_text(
                f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
            )
            own["TF_CLI_CONFIG_FILE"] = str(config)
        return own

    def run(
        self, *arguments: str, good: tuple[int, ...] = (0,), folder: Path | None = None
    ) -> tuple[int, str]:
        """Exit code and output; raises TerraformError for a code that is not among `good`."""
        done = subprocess.run(
            [binary(), f"-chdir={folder or self.directory}", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=540,
        )
        if done.returncode not in good:
            raise TerraformError(f"terraform {arguments[0]}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.returncode, done.stdout

    def init(self, *backend: str) -> None:
        self.run("init", "-no-color", *(backend or ("-backend=false",)))

    def apply(self, *files: str) -> str:
        variables = [f"-var-file=environments/{name}.tfvars" for name in files]
        options = ("-auto-approve", "-no-color", f"-parallelism={AT_ONCE}")
        return self.run("apply", *options, *variables)[1]

    def differences(self, *files: str) -> str:
        """What a plan would change, without what it only reads; empty for nothing."""
        variables = [f"-var-file=environments/{name}.tfvars" for name in files]
        options = ("-detailed-exitcode", "-no-color", f"-parallelism={AT_ONCE}")
        code, said = self.run("plan", *options, *variables, good=(0, 2))
        return said.partition("Terraform will perform")[2] or said if code else ""

    def outputs(self) -> dict[str, Any]:
        found = json.loads(self.run("output", "-json")[1])
        return {name: one["value"] for name, one in found.items()}
