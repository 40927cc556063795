"""How long a run takes, and what the stack weighs when idle.

`python -m benchmarks.ecommerce --data-dir <files>` starts a stack of its own, warms it with the bundled sample, runs
the files, runs once more with nothing new, and prints seconds, megabytes and ratios. The baseline of the same minute
on the same machine is the plain Python calculation that the tests compare with: seconds depend on the machine, the
ratio to it hardly does.
"""

import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.end_to_end.stack import ROOT, Stack
from tests.oracle.ecommerce import calculate, deliveries_of

_IDLE_AFTER_SECONDS = 30
_SUFFIXES = {".csv", ".xlsx"}


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _idle_megabytes(stack: Stack) -> int:
    time.sleep(_IDLE_AFTER_SECONDS)
    found = re.findall(r"(\d+) MB", stack.must("status"))
    return int(found[-1])


def _measure(stack: Stack, data_dir: Path) -> dict[str, float]:
    files = [path for path in sorted(data_dir.iterdir()) if path.suffix in _SUFFIXES]
    figures = {"up": _seconds(lambda: stack.must("up"))}
    figures["idle memory (MB)"] = _idle_megabytes(stack)
    figures["first run (the sample, cold)"] = _seconds(
        lambda: stack.must("run", "ecommerce", "--data-dir", ROOT / "sample" / "ecommerce")
    )
    figures["baseline: plain Python"] = _seconds(lambda: calculate(deliveries_of([files])))
    figures["run of the files, warm"] = _seconds(
        lambda: stack.must("run", "ecommerce", "--data-dir", data_dir)
    )
    figures["full refresh"] = _seconds(lambda: stack.must("run", "ecommerce", "--full-refresh"))
    figures["nothing new"] = _seconds(lambda: stack.must("run", "ecommerce"))
    return figures


def main(
    data_dir: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Files to load.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the ecommerce DAG from trigger to validated gold."""
    stack = Stack.make(Path(tempfile.mkdtemp(prefix="lakehouse-benchmark-")) / "state")
    try:
        figures = _measure(stack, data_dir)
    finally:
        stack.remove()
    if as_json:
        typer.echo(json.dumps(figures))
        return
    baseline = figures["baseline: plain Python"]
    table = Table("figure", "value", "ratio to the baseline")
    for name, value in figures.items():
        is_time = "MB" not in name
        unit, ratio = (" s", f"{value / baseline:.1f}") if is_time else ("", "")
        table.add_row(name, f"{value:.1f}{unit}", ratio)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
