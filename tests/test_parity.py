"""What runs on a laptop is what is deployed: nothing that is deployed asks where it runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOYED = ("dags", "plugins", "include", "lakehouse")
# Names of places, read by no branch: a default of the command line, remedies in messages, options handed on to clients.
OF_THE_COMMAND_LINE = (
    "lakehouse/cli/",
    "lakehouse/operations/airflow_api.py",
    "lakehouse/simulate/coinbase/config.py",
    "lakehouse/operations/mwaa/",
    "lakehouse/storage/bucket/failure.py",
    "lakehouse/storage/objects/failure.py",
    "lakehouse/storage/objects/options.py",
)
ASKS_WHERE_IT_RUNS = re.compile(
    r"localhost|127\.0\.0\.1|local_aws|endpoint_url|is_local|moto|:4566|if .*\b(local|laptop)\b",
    re.IGNORECASE,
)
SOURCES = [
    path.relative_to(ROOT).as_posix()
    for folder in DEPLOYED
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".sql", ".java", ".yaml", ".json"}
]


def code_of(path: str) -> str:
    """A file without its comments and docstrings."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.sub(
        r'""".*?"""|#.*$|/\*.*?\*/', "", text, flags=re.DOTALL if "*/" in text else re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("path", [path for path in SOURCES if not path.startswith(OF_THE_COMMAND_LINE)])
def test_nothing_that_is_deployed_asks_where_it_runs(path: str) -> None:
    assert ASKS_WHERE_IT_RUNS.findall(code_of(path)) == []
