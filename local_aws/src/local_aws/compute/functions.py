"""Functions of Lambda that run, and tell where failed calls go."""

import base64
import json
from typing import Any

from moto.awslambda import models
from moto.awslambda.exceptions import LambdaClientError

from local_aws.lambda_runs import Invocation, invoke, invoke_later

LOG_TAIL_BYTES = 4096


class InvalidRuntimeError(LambdaClientError):  # type: ignore[misc]
    """A function that cannot run here."""

    code = 502

    def __init__(self, what: str) -> None:
        super().__init__(
            "InvalidRuntimeException", f"{what} does not run here: only zips of Python without layers do"
        )


class ToldFunction(models.LambdaFunction):  # type: ignore[misc]
    """One function; moto runs it in a container, and forgets its dead-letter queue."""

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        super().__init__(account_id=account_id, spec=spec, region=region, version=version)
        self.dead_letters: dict[str, str] | None = spec.get("DeadLetterConfig")

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        told = {"DeadLetterConfig": self.dead_letters} if self.dead_letters else {}
        return {**super().get_configuration(on_create), **told}

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        self.dead_letters = config_updates.get("DeadLetterConfig", self.dead_letters)
        super().update_configuration(config_updates)
        return self.get_configuration()

    def invoke(self, body: str | bytes, request_headers: Any, response_headers: Any) -> bytes:
        """Give an event to the handler, now or later.

        Raises:
            LambdaClientError: The event is not JSON, or the function cannot run here.
        """
        event = body.encode() if isinstance(body, str) else body or b"{}"
        self._check(event)
        kind = request_headers.get("x-amz-invocation-type", "RequestResponse")
        response_headers["x-amz-executed-version"] = "$LATEST"
        if kind == "RequestResponse":
            outcome = invoke(Invocation(self, event))
            tail = outcome.log.encode()[-LOG_TAIL_BYTES:]
            response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
            if outcome.failed:
                response_headers["x-amz-function-error"] = "Unhandled"
            return outcome.payload
        if kind == "Event":
            invoke_later(Invocation(self, event))
        return b""

    def _check(self, event: bytes) -> None:
        try:
            json.loads(event)
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            raise LambdaClientError("InvalidRequestContentException", message) from error
        if self.package_type != "Zip":
            raise InvalidRuntimeError("An image")
        if not str(self.run_time).startswith("python"):
            raise InvalidRuntimeError(f"The runtime {self.run_time}")
        if self.layers:
            raise InvalidRuntimeError("A function with layers")


def install() -> None:
    """Make moto build our functions; before the first request."""
    models.LambdaFunction = ToldFunction
