"""Gives one event to a handler: a script of a process of its own, which sees nothing else of the server.

The event comes on the standard input. The only argument is a document: where the result goes (``result``), the
descriptor that tells the end of the initialization (``ready``), and what the context says.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_OWN_FRAMES = 2  # of main and answer


class Context:
    """What a handler is told of its invocation: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    identity = client_context = None

    def __init__(self, told: dict[str, Any]) -> None:
        self._deadline = time.monotonic() + told["timeout"]
        self.aws_request_id: str = told["request_id"]
        self.invoked_function_arn: str = told["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class FunctionError(Exception):
    """An error of the function that is none of its handler's; ``kind`` is what Lambda calls it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def handler_of(name: str) -> Callable[[Any, Context], Any]:
    """Import a handler, as ``folder/module.function``."""
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise FunctionError("Runtime.ImportModuleError", message) from error
    try:
        found: Callable[[Any, Context], Any] = getattr(module, function_name)
    except AttributeError as error:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise FunctionError("Runtime.HandlerNotFound", message) from error
    return found


def answer(told: dict[str, Any]) -> str:
    """Initialize, then handle the event; returns the result as JSON."""
    handler = handler_of(os.environ["_HANDLER"])
    event = json.load(sys.stdin)
    os.close(told["ready"])
    result = handler(event, Context(told))
    try:
        return json.dumps(result)
    except TypeError as error:
        raise FunctionError("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def described(error: BaseException, request_id: str) -> dict[str, Any]:
    """An error as Lambda answers it."""
    is_own = isinstance(error, FunctionError)
    return {
        "errorMessage": str(error),
        "errorType": error.kind if isinstance(error, FunctionError) else type(error).__name__,
        "requestId": request_id,
        "stackTrace": [] if is_own else traceback.format_tb(error.__traceback__)[_OWN_FRAMES:],
    }


def main() -> None:
    """Write ``{"result": …}`` or ``{"error": …}``."""
    told = json.loads(sys.argv[1])
    try:
        outcome = f'{{"result": {answer(told)}}}'
    except Exception as error:  # noqa: BLE001 - whatever a function raises is its answer
        problem = described(error, told["request_id"])
        trace = "".join(problem["stackTrace"])
        sys.stdout.write(f"[ERROR] {problem['errorType']}: {problem['errorMessage']}\n{trace}")
        outcome = json.dumps({"error": problem})
    unfinished = Path(f"{told['result']}.new")
    unfinished.write_text(outcome)
    unfinished.rename(told["result"])


if __name__ == "__main__":
    main()
