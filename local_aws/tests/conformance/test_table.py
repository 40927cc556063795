"""The table of conformance is that of the tests, and quotes what AWS says."""

import html
import re
from pathlib import Path

import botocore.session
import pytest

from local_aws.conformance import collect, rendered

ROOT = Path(__file__).parents[3]
API_PAGE = re.compile(r"API_(?:[a-z]+_)?(\w+)\.html")


@pytest.fixture
def rules(monkeypatch):
    monkeypatch.chdir(ROOT)
    return collect(Path("local_aws/tests"))


def test_the_committed_table_is_up_to_date(rules):
    page = (ROOT / "docs/local_aws.md").read_text()
    assert page == rendered(page, rules), "run python -m local_aws.conformance"


def documentation(service, name):
    """All that botocore, which is made from the API's own model, says of an operation or a structure."""
    model = botocore.session.get_session().get_service_model(service)
    if name in model.operation_names:
        operation = model.operation_model(name)
        shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
        texts = [operation.documentation]
    else:
        shapes, texts = [model.shape_for(name)], []
    for shape in filter(None, shapes):
        texts += [
            shape.documentation,
            *(member.documentation for member in getattr(shape, "members", {}).values()),
        ]
    return plain(" ".join(texts))


def plain(text):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def test_quotes_of_the_api_are_its_words(rules):
    quoted = [(rule, found[1]) for rule in rules if (found := API_PAGE.search(rule.page))]
    assert quoted
    wrong = [
        (rule.test, rule.quote)
        for rule, name in quoted
        if rule.quote not in documentation(rule.service, name)
    ]
    assert wrong == []


def test_a_mark_that_cannot_be_read_is_named(tmp_path):
    source = "import pytest\n\n@pytest.mark.conforms('glue:GetJob', 'page')\ndef test_it(): pass\n"
    (tmp_path / "test_bad.py").write_text(source)
    with pytest.raises(ValueError, match=r"test_bad\.py:3"):
        collect(tmp_path)
