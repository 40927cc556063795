"""The list of broken laws keeps up with the code; `make broken-laws` runs it."""

import ast

import pytest

from tests.broken_laws.checkout import ROOT
from tests.broken_laws.laws import BROKEN, BrokenLaw

LAWS = {
    "conservation",
    "idempotence",
    "order",
    "nothing unaudited",
    "parity",
    "no data in reports",
}


def test_every_law_is_broken_once_at_least() -> None:
    assert {law.law for law in BROKEN} == LAWS
    assert len({law.what for law in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize("law", BROKEN, ids=lambda law: law.what)
def test_what_is_edited_is_there_once_and_stays_python(law: BrokenLaw) -> None:
    assert law.edits
    texts = {edit.file: (ROOT / edit.file).read_text() for edit in law.edits}
    for edit in law.edits:
        assert texts[edit.file].count(edit.text) == 1, edit
        assert edit.replacement != edit.text
        texts[edit.file] = texts[edit.file].replace(edit.text, edit.replacement)
    for name, text in texts.items():
        assert ast.parse(text, name).body


@pytest.mark.parametrize("law", BROKEN, ids=lambda law: law.what)
def test_the_test_that_must_notice_exists(law: BrokenLaw) -> None:
    file, _, name = law.test.partition("::")
    functions = {
        node.name for node in ast.parse((ROOT / file).read_text()).body if isinstance(node, ast.FunctionDef)
    }
    assert name.partition("[")[0] in functions
