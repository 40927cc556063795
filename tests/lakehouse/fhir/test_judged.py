"""Every path of the shipped views, as fhirpathpy evaluates it, over our own resources and over real ones.

fhirpathpy lacks the boundaries, precision and the keys of SQL on FHIR, so what these are given is compared.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from lakehouse.contract import tables
from lakehouse.fhir.path import compile_path
from lakehouse.fhir.view_definition import KEY_PATH, ViewDefinition
from tests.lakehouse.fhir import resources
from tests.lakehouse.fhir.resources import present
from tests.oracle.files import SHARED_DATA

VIEWS = [c.rules.viewDefinition for c in tables("clinical", "silver") if c.rules.viewDefinition]


def paths(view: ViewDefinition) -> set[str]:
    """The paths of a view, without the functions that fhirpathpy lacks."""
    columns = [column.path for column in view.columns if column.path != KEY_PATH]
    of_elements = [f"{c.path}.select({field.path})" for c in view.columns for field in c.fields]
    subjects = [c.expression for c in view.constraint if "Boundary" not in c.expression]
    return {_without_lacking(path) for path in (*columns, *of_elements, *subjects)}


def _without_lacking(path: str) -> str:
    without_keys = re.sub(r"getReferenceKey\(\w*\)(\.join\(' '\))?", "reference", path)
    return re.sub(r"\.(low|high)Boundary\(8?\)|\.precision\(\)", "", without_keys)


def differences(view: ViewDefinition, found: Iterable[dict[str, Any]], model: str) -> list[str]:
    """Paths whose results differ: names of paths, never values."""
    told = []
    of_type = [each for each in found if each["resourceType"] == view.resource]
    assert of_type
    for path in sorted(paths(view)):
        judge, step = fhirpathpy.compile(path, models[model]), compile_path(path)
        told += [path for each in of_type if comparable(judge(each)) != comparable(step([each]))]
    return told


def comparable(found: list[Any]) -> list[Any]:
    return [str(each) if isinstance(each, int | float | Decimal) else each for each in found]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.resource)
def test_of_our_own_resources(view: ViewDefinition) -> None:
    assert differences(view, map(present, resources.R4), "r4") == []


@pytest.mark.parametrize(
    "view", [v for v in VIEWS if v.resource in {"Encounter", "Procedure"}], ids=lambda view: view.resource
)
def test_of_our_own_resources_in_r5(view: ViewDefinition) -> None:
    assert differences(view, map(present, resources.R5), "r5") == []


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    """The resources that lie beside the checkout; the test fails without."""
    files = sorted((SHARED_DATA / "clinical" / "cms529").glob("*/*.json"))
    assert len(files) > 200, f"the real files are missing in {SHARED_DATA}: set LAKEHOUSE_SHARED_DATA"
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@pytest.mark.parametrize("kind", ["Patient", "Encounter", "Observation", "Coverage", "Organization"])
def test_of_real_resources(real: list[dict[str, Any]], kind: str) -> None:
    (view,) = (view for view in VIEWS if view.resource == kind)

    assert differences(view, real, "r4") == []
