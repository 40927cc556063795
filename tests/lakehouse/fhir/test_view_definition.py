"""What a viewDefinition may say, and what its errors name."""

from typing import Any

import pytest
from pydantic import ValidationError

from lakehouse.fhir.view_definition import VERSION_COLUMNS, ViewDefinition
from tests.lakehouse.contract_files import contract_of

KEY = {"name": "patient_id", "path": "getResourceKey()"}
SEX = {"name": "sex", "path": "gender"}


def view(*columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resource": "Patient", "select": [{"column": [KEY, *columns]}], **members}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (view({"name": "sex", "path": "gender."}), "'gender.'.*ends early"),
        (view({"name": "sex", "path": "gender.upper()"}), r"upper\(\) is not of the subset"),
        (view(SEX, SEX), "makes sex twice"),
        (view({"name": "again", "path": "getResourceKey()"}), "the key, must be"),
        ({"resource": "Patient", "select": [{"column": [SEX]}]}, "the key, must be"),
        (view({"name": "Sex", "path": "gender"}), "name"),
        (view({**SEX, "forEach": "x"}), "forEach"),
        (view(where=[{"path": "active"}]), "where"),
        (view(resource="patient"), "resource"),
        (view({"name": "all", "path": "a", "fields": [{"name": "b", "path": "b["}]}), r"'b\['.*ends early"),
        (view(constraint=[{"key": "a:b", "expression": "x +", "human": "No."}]), "'x .'"),
        (view(constraint=[{"key": "A", "expression": "x", "human": "No."}]), "key"),
    ],
)
def test_an_error_names_what_is_wrong(content: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ViewDefinition.model_validate(content)


def column(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "logicalType": "string", "physicalType": "string", **keys}


COLUMNS = (
    column("patient_id", primaryKey=True, primaryKeyPosition=1),
    *map(column, ("sex", *VERSION_COLUMNS)),
)


def test_a_contract_has_the_columns_of_its_view_and_of_the_version() -> None:
    made = contract_of("patient", *COLUMNS, viewDefinition=view(SEX))

    assert made.rules.viewDefinition == ViewDefinition.model_validate(view(SEX))
    with pytest.raises(ValidationError, match="differ in the columns: sex"):
        contract_of("patient", *COLUMNS, viewDefinition=view())
    with pytest.raises(ValidationError, match="differ in the columns: last_updated"):
        contract_of("patient", *(c for c in COLUMNS if c["name"] != "last_updated"), viewDefinition=view(SEX))


def test_the_key_of_a_contract_is_that_of_its_view() -> None:
    with pytest.raises(ValidationError, match="the key must be patient_id"):
        contract_of("patient", column("patient_id"), *COLUMNS[1:], viewDefinition=view(SEX))
