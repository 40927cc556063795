"""Keep a spreadsheet from running what it opens: delivered text may be a formula (CSV injection, after OWASP)."""

import re

from lakehouse.operations.athena import Result

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NEGATIVE_NUMBER = re.compile(r"-\d+(\.\d+)?", re.ASCII)


def neutralised(result: Result) -> Result:
    """The rows with a single quote in front of every cell that a spreadsheet would take for a formula.

    Only a plain negative number keeps its sign in front.
    """
    return Result(result.columns, [[_harmless(cell) for cell in row] for row in result.rows])


def _harmless(cell: str | None) -> str | None:
    if cell is None or not _FORMULA.match(cell) or _NEGATIVE_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
