"""Events that nobody waits for: tried three times, then sent to the function's dead-letter queue."""

import logging
import threading
from typing import Any

from moto.utilities.arns import parse_arn

from local_aws.lambda_runs.invocation import Invocation, Outcome, invoke

LOG = logging.getLogger(__name__)
_LATER = {"x-amz-invocation-type": "Event"}
RETRIES = 2
_PLACES = threading.BoundedSemaphore(4)


def send_event(account_id: str, region: str, function_arn: str, event: str) -> None:
    """Hand an event of another service to a function; raises moto's errors where there is none, or it cannot run."""
    from moto.awslambda.models import lambda_backends  # noqa: PLC0415 - only who has functions waits for it

    lambda_backends[account_id][region].get_function(function_arn).invoke(event, _LATER, {})


def invoke_later(invocation: Invocation) -> None:
    """Handle an event in a thread of its own."""
    name = f"lambda-{invocation.function.function_name}"
    threading.Thread(target=_handle, args=(invocation,), name=name, daemon=True).start()


def _handle(invocation: Invocation) -> None:
    try:
        with _PLACES:
            for _ in range(1 + _retries(invocation.function)):
                outcome = invoke(invocation)
                if not outcome.failed:
                    return
        _give_up(invocation, outcome)
    except Exception:
        LOG.exception("Function %s could not be run", invocation.function.function_name)


def _retries(function: Any) -> int:
    set_here = [config.config.get("MaximumRetryAttempts") for config in function.event_invoke_config]
    return next((int(number) for number in set_here if number is not None), RETRIES)


def _give_up(invocation: Invocation, outcome: Outcome) -> None:
    """Send the event on, as Lambda does: the event as the body, what went wrong as attributes."""
    LOG.warning("Function %s failed: %s", invocation.function.function_name, outcome.payload.decode())
    target = (getattr(invocation.function, "dead_letters", None) or {}).get("TargetArn")
    if not target:
        return
    from moto.sns.models import sns_backends  # noqa: PLC0415 - only where letters die
    from moto.sqs.models import sqs_backends  # noqa: PLC0415

    arn, body = parse_arn(target), invocation.event.decode()
    texts = {"RequestID": invocation.request_id, "ErrorMessage": outcome.payload.decode()[:1024]}
    if arn.service == "sqs":
        attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
        queues = sqs_backends[arn.account][arn.region]
        queues.send_message(arn.resource_id, body, message_attributes=attributes)
    else:
        sns_backends[arn.account][arn.region].publish(body, arn=target)
