"""Which packages may not be shipped."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.licences import EXCEPTIONS, licences, main, problems


def component(name: str, *told: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "licenses": list(told)}


def named(text: str) -> dict[str, Any]:
    return {"license": {"name": text}}


def test_every_way_to_tell_a_licence_is_read() -> None:
    told = component("one", {"license": {"id": "MIT"}}, {"expression": "Apache-2.0 OR MIT"}, named("BSD"))
    assert licences(told) == ("MIT", "Apache-2.0 OR MIT", "BSD")


@pytest.mark.parametrize("text", ["GPL-2.0-only", "AGPL-3.0", "GNU General Public License v3 (GPLv3)"])
def test_the_gpls_family_is_refused(text: str) -> None:
    assert problems([component("one", named(text))]) == [f"one 1.0 is under {text}: replace it"]


def test_what_may_be_used_is_not_refused() -> None:
    family = [component(name, named("GPL-2.0-only")) for name in EXCEPTIONS]
    assert problems([component("one", named("MIT")), component("two", named("LGPL-2.1")), *family]) == []


def test_a_package_without_a_licence_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sbom = tmp_path / "sbom.json"
    sbom.write_text(json.dumps({"components": [component("one"), component("two", named("MIT"))]}))

    assert main([str(sbom)]) == 1

    said = capsys.readouterr()
    assert said.out == "MIT\n  two 1.0\nunknown\n  one 1.0\n"
    assert said.err.startswith("error: one 1.0 names no licence")
