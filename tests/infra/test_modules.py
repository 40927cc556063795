"""Each module's own tests: Terraform's, with a mocked provider, so that nothing is called."""

from pathlib import Path

import pytest

from tests.infra.terraform import TREE, Terraform

MODULES = sorted(path.name for path in (TREE / "modules").iterdir())


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    return Terraform(tmp_path_factory.mktemp("modules"))


@pytest.mark.parametrize("module", MODULES)
def test_module(tree: Terraform, module: str) -> None:
    folder = tree.directory / "modules" / module
    tree.run("init", "-no-color", "-backend=false", folder=folder)
    said = tree.run("test", "-no-color", folder=folder)[1]
    assert "Success!" in said
    assert "0 passed" not in said


@pytest.mark.parametrize("module", MODULES)
def test_module_says_what_it_is(module: str) -> None:
    folder = TREE / "modules" / module
    text = (folder / "README.md").read_text()
    for file in ("variables.tf", "outputs.tf"):
        for name in names(folder / file):
            assert f"`{name}`" in text, f"{module}/README.md does not name {name}"


def names(file: Path) -> list[str]:
    declared = ("variable ", "output ")
    return [line.split('"')[1] for line in file.read_text().splitlines() if line.startswith(declared)]


def test_everything_is_formatted(tree: Terraform) -> None:
    tree.run("fmt", "-check", "-recursive")
