"""What of an event a target gets.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']+)'\]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_VARIABLE = re.compile(r"<([\w.-]+)>")
_ABSENT = object()


def target_input(target: Mapping[str, Any], event: dict[str, Any], rule_name: str, rule_arn: str) -> str:
    """Build the text for a target: its constant, a part of the event, a template filled in, or all of it."""
    if target.get("Input"):
        return str(target["Input"])
    if path := target.get("InputPath"):
        found = value_at(event, path)
        return json.dumps({} if found is _ABSENT else found)
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap") or {}
        values = {name: value_at(event, path) for name, path in paths.items()}
        values |= _predefined(event, rule_name, rule_arn)
        known = {name: value for name, value in values.items() if value is not _ABSENT}
        return filled(transformer["InputTemplate"], known)
    return json.dumps(event)


def value_at(event: Any, path: str) -> Any:
    """The value at a path like ``$.detail.runs[0]``; a mark if there is none."""
    found, end = event, 1
    for step in _STEP.finditer(path, 1):
        name, index = step[1] or step[3], step[2]
        end = step.end()
        try:
            found = found[name] if name is not None else found[int(index)]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return found if path.startswith("$") and end == len(path) else _ABSENT


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Put values in the place of ``<name>``: as JSON, within a string as bare text; unknown names vanish."""
    parts, end = [], 0
    for string in _STRING.finditer(template):
        parts += [_put(template[end : string.start()], values, json.dumps), _put(string[0], values, _bare)]
        end = string.end()
    return "".join([*parts, _put(template[end:], values, json.dumps)])


def _put(text: str, values: Mapping[str, Any], written: Callable[[Any], str]) -> str:
    return _VARIABLE.sub(lambda name: written(values[name[1]]) if name[1] in values else "", text)


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _predefined(event: dict[str, Any], rule_name: str, rule_arn: str) -> dict[str, Any]:
    return {
        "aws.events.rule-name": rule_name,
        "aws.events.rule-arn": rule_arn,
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
