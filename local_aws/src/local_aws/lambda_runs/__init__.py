"""Functions of Lambda that run: a Python handler of a zip, in a process of its own for each event."""

from local_aws.lambda_runs.events import invoke_later, send_event
from local_aws.lambda_runs.invocation import Invocation, Outcome, invoke

__all__ = ["Invocation", "Outcome", "invoke", "invoke_later", "send_event"]
