"""``/_local_aws/faults``: GET the state, PUT a plan, POST more rules, DELETE all."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from local_aws.faults import known
from local_aws.faults.plan import Addition, Plan, wrong
from local_aws.faults.plane import FaultPlane, SeedError

PATH = "/_local_aws/faults"
BYTES_MAX = 1_000_000


def serve(plane: FaultPlane, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer one request with the state after it, or with ``{"error": …}``."""
    status, body = _carry_out(plane, environ)
    head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, head)
    return [body]


def _carry_out(plane: FaultPlane, environ: dict[str, Any]) -> tuple[str, bytes]:
    method = environ["REQUEST_METHOD"]
    size = min(int(environ.get("CONTENT_LENGTH") or 0), BYTES_MAX)
    body = environ["wsgi.input"].read(size)
    try:
        match method:
            case "GET":
                pass
            case "PUT":
                plan = Plan.model_validate_json(body)
                known.check(plan.rules)
                plane.replace(plan)
            case "POST":
                addition = Addition.model_validate_json(body)
                known.check(addition.rules)
                plane.add(addition)
            case "DELETE":
                plane.replace(Plan())
            case _:
                return "405 Method Not Allowed", _error(f"{method}: use GET, PUT, POST or DELETE")
    except ValidationError as error:
        return "400 Bad Request", _error(f"The plan does not hold: {wrong(error)}")
    except known.UnknownNameError as error:
        return "400 Bad Request", _error(str(error))
    except SeedError as error:
        return "409 Conflict", _error(str(error))
    return "200 OK", plane.state().model_dump_json().encode()


def _error(message: str) -> bytes:
    return json.dumps({"error": message}).encode()
