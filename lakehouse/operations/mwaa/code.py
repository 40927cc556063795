"""Traps of the code that MWAA parses every half minute: what its modules import at their top."""

import ast
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lakehouse.operations.mwaa.probe import HEAVY


def top_level_imports(build: Path) -> Iterator[str]:
    """No module of dags/ or plugins.zip imports at its top what belongs to Glue or to a laptop."""
    for name, text in _modules(build):
        try:
            tree = ast.parse(text, name)
        except SyntaxError as error:
            yield f"{name}:{error.lineno} is no Python: {error.msg}"
            continue
        for module, line in _imports(tree.body):
            if module.split(".")[0] in HEAVY:
                yield f"{name}:{line} imports {module} when it is parsed: import it in the function that uses it"


def _modules(build: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((build / "dags").rglob("*.py")):
        yield path.relative_to(build).as_posix(), path.read_text(encoding="utf-8")
    if zipfile.is_zipfile(build / "plugins.zip"):
        with zipfile.ZipFile(build / "plugins.zip") as archive:
            for name in archive.namelist():
                if name.endswith(".py"):
                    yield f"plugins.zip/{name}", archive.read(name).decode()


def _imports(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Modules that are imported while a module is executed, with their lines; functions are executed later."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module, statement.lineno
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) or _is_for_types(statement):
            continue
        else:
            for field in ("body", "orelse", "finalbody", "handlers"):
                for inner in getattr(statement, field, ()):
                    yield from _imports(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])


def _is_for_types(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test)
