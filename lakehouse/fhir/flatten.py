"""A resource as a row: each column of a view as text, and the first rule that the resource breaks."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from lakehouse.fhir.path import EvaluationError, Step, compile_path, text_of
from lakehouse.fhir.times import NoTime
from lakehouse.fhir.view_definition import KEY_PATH, ViewColumn, ViewDefinition

MALFORMED = "malformed:resource"


class Row(NamedTuple):
    """A view's columns in their order, and the rule that is broken."""

    texts: list[str | None]
    fault: str | None


type Maker = Callable[[list[Any]], tuple[str | None, bool]]
"""From a resource to a column's text, and whether it is what the column can hold."""


class Flattener:
    """Compiles a view once; `decimals` are the columns whose digits must all be kept."""

    def __init__(self, view: ViewDefinition, decimals: Sequence[str] = ()) -> None:
        self._names = [column.name for column in view.columns]
        self._makers = [_maker(column) for column in view.columns]
        self._constraints = [(each.key, compile_path(each.expression)) for each in view.constraint]
        self._is_key = [column.path == KEY_PATH for column in view.columns]
        self._parse = _parse_exactly if decimals else orjson.loads

    def row(self, resource: str, resource_id: str | None) -> Row:
        """The row of a resource, which is known by this id."""
        try:
            parsed = self._parse(resource)
        except (ValueError, RecursionError):
            return Row([None] * len(self._names), MALFORMED)
        elements = [{**parsed, "id": resource_id}]
        made = [maker(elements) for maker in self._makers]
        wrong = (
            f"type:{name}" for name, (_, is_right) in zip(self._names, made, strict=True) if not is_right
        )
        broken = (key for key, constraint in self._constraints if _is_broken(constraint, elements))
        return Row([text for text, _ in made], next(wrong, None) or next(broken, None))

    def deletion(self, resource_id: str | None) -> Row:
        """The row of a resource that is no more: its key alone."""
        return Row([resource_id if is_key else None for is_key in self._is_key], None)


def _maker(column: ViewColumn) -> Maker:
    step = compile_path(column.path)
    if column.fields:
        return _array_of_objects(step, {field.name: compile_path(field.path) for field in column.fields})
    if column.collection:
        return _array(step)
    return _primitive(step)


def _primitive(step: Step) -> Maker:
    def make(elements: list[Any]) -> tuple[str | None, bool]:
        try:
            return _one(step(elements))
        except EvaluationError:
            return None, False

    return make


def _array(step: Step) -> Maker:
    def make(elements: list[Any]) -> tuple[str | None, bool]:
        try:
            found = [text_of(element) for element in step(elements)]
        except EvaluationError:
            return None, False
        return (_json(found) if found else None), True

    return make


def _array_of_objects(step: Step, fields: dict[str, Step]) -> Maker:
    def make(elements: list[Any]) -> tuple[str | None, bool]:
        try:
            made = [
                {name: _one(field([element])) for name, field in fields.items()} for element in step(elements)
            ]
        except EvaluationError:
            return None, False
        is_right = all(right for each in made for _, right in each.values())
        texts = [{name: text for name, (text, _) in each.items()} for each in made]
        return (_json(texts) if texts else None), is_right

    return make


def _one(found: list[Any]) -> tuple[str | None, bool]:
    if not found:
        return None, True
    if len(found) > 1:
        return None, False
    text = text_of(found[0])
    return text, not isinstance(text, NoTime)


def _is_broken(constraint: Step, elements: list[Any]) -> bool:
    try:
        return constraint(elements) == [False]
    except EvaluationError:
        return False  # a column says so


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parse_exactly(resource: str) -> Any:
    return json.loads(resource, parse_float=Decimal)
