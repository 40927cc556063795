"""Which documented rules of AWS hold here: a table made from the marks of the tests that prove it.

A test is marked ``@pytest.mark.conforms(operation, page, quote)``, once for each rule that it proves: the operation
as ``glue:StartJobRun``, the page below https://docs.aws.amazon.com/, and the sentence on it. ``differs=`` says in
which way the rule does not hold, ``absent=`` what is there instead.

``python -m local_aws.conformance`` in the folder of the checkout writes the table into docs/local_aws.md.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

TESTS, PAGE = Path("local_aws/tests"), Path("docs/local_aws.md")
BEGIN, END = "<!-- table: python -m local_aws.conformance -->", "<!-- end of the table -->"
DOCUMENTATION = "https://docs.aws.amazon.com/"
SERVICES = {
    "athena": "Athena",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "glue": "Glue",
    "iam": "IAM",
    "kms": "KMS",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "sts": "STS",
}
SAME, DIFFERS, ABSENT = "same", "differs", "absent"


@dataclass(frozen=True, order=True)
class Rule:
    """One rule of AWS and the test that proves what holds of it.

    Attributes:
        service: As boto3 calls it.
        operation: API operation.
        page: Path of the page below the documentation's address.
        quote: A sentence of the page.
        verdict: ``same``, ``differs`` or ``absent``.
        how: In which way it differs, or what is there instead.
        file: Of the test, from the checkout's folder.
        test: Name of the test function.
    """

    service: str
    operation: str
    page: str
    quote: str
    verdict: str
    how: str
    file: str
    test: str


def collect(folder: Path) -> list[Rule]:
    """Read the marks of all tests below a folder, in order of service and operation.

    Raises:
        ValueError: A mark is not of the form above, or names an unknown service; the message says where.
    """
    found = [rule for file in sorted(folder.rglob("test_*.py")) for rule in _of_file(file)]
    return sorted(found)


def _of_file(file: Path) -> Iterator[Rule]:
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.conforms":
                yield _rule(mark, file, node.name)


def _rule(mark: ast.Call, file: Path, test: str) -> Rule:
    try:
        name, page, quote = (str(ast.literal_eval(argument)) for argument in mark.args)
        given = {word.arg: str(ast.literal_eval(word.value)) for word in mark.keywords}
        service, operation = name.split(":")
        ((verdict, how),) = given.items() or {SAME: ""}.items()
    except ValueError as error:
        raise ValueError(f"{file}:{mark.lineno}: {error}") from error
    if service not in SERVICES or verdict not in {SAME, DIFFERS, ABSENT}:
        raise ValueError(f"{file}:{mark.lineno}: {service} or {verdict} is unknown")
    return Rule(service, operation, page, quote, str(verdict), how, file.as_posix(), test)


def table(rules: Iterable[Rule]) -> str:
    """The rules as Markdown: counts, then a table for each service."""
    rules = sorted(rules)
    lines = ["| service | same | differs | absent |", "| --- | --- | --- | --- |"]
    for service, group in _by_service(rules):
        lines.append(_row(SERVICES[service], *_counts(group)))
    lines += [_row("**all**", *_counts(rules)), ""]
    for service, group in _by_service(rules):
        lines += [
            f"### {SERVICES[service]}",
            "",
            "| operation | AWS says | here | proof |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_told(rule) for rule in group]
        lines.append("")
    return "\n".join(lines)


def _by_service(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    for service, group in groupby(rules, lambda rule: rule.service):
        yield service, list(group)


def _counts(rules: Iterable[Rule]) -> list[str]:
    counts = Counter(rule.verdict for rule in rules)
    return [str(counts[verdict]) for verdict in (SAME, DIFFERS, ABSENT)]


def _told(rule: Rule) -> str:
    here = f"{rule.verdict}: {rule.how}" if rule.how else rule.verdict
    proof = f"[{rule.test}](../{rule.file})"
    return _row(rule.operation, f"[{rule.quote}]({DOCUMENTATION}{rule.page})", here, proof)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def rendered(page: str, rules: Iterable[Rule]) -> str:
    """The page with its table made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table(rules)}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(), collect(TESTS)))
