"""Client of the fault plane. It needs nothing but Python, so that any environment can load this file by its path."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

PATH = "/_local_aws/faults"
SECONDS = 10


class FaultPlaneError(RuntimeError):
    """The plan was refused, or no embedded AWS answers; the message says which and what to do."""


class FaultClient:
    """Reads and writes the plan of one embedded AWS.

    Args:
        endpoint: URL of the server, as in ``AWS_ENDPOINT_URL``.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")

    def replace(self, rules: Sequence[Mapping[str, Any]], seed: int = 0) -> dict[str, Any]:
        """Put a plan in force, counters at zero; returns the state.

        Args:
            rules: Fields of each rule, see ``plan.py``.
            seed: Decides every ``rate``.
        """
        return self._send("PUT", {"seed": seed, "rules": [dict(rule) for rule in rules]})

    def add(self, *rules: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
        """Put rules behind those in force; returns the state."""
        return self._send("POST", {"seed": seed, "rules": [dict(rule) for rule in rules]})

    def state(self) -> dict[str, Any]:
        """``seed``, ``rules`` (each with ``rule``, ``matched`` and ``fired``) and ``firings``."""
        return self._send("GET")

    def firings(self) -> list[dict[str, Any]]:
        """Calls that were hit, oldest first."""
        found: list[dict[str, Any]] = self.state()["firings"]
        return found

    def clear(self) -> None:
        """Let everything go well again, and forget counters and firings."""
        self._send("DELETE")

    def _send(self, method: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(  # noqa: S310 - the scheme is the endpoint's
            self.endpoint + PATH, body, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                state: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise FaultPlaneError(_reason(error, self.endpoint)) from error
        except (OSError, ValueError) as error:
            raise FaultPlaneError(
                f"No embedded AWS answers at {self.endpoint}: start it, or correct the URL"
            ) from error
        return state


def _reason(error: urllib.error.HTTPError, endpoint: str) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return (
            f"{endpoint} has no fault plane (it answers {error.code}): is it an embedded AWS of this version?"
        )
