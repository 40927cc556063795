"""Whether a rule can ever meet a call: a name that AWS does not have would wait for one for ever."""

from difflib import get_close_matches

import botocore.session

from local_aws.faults.plan import ANY, Rule
from local_aws.faults.replication import OPERATION as REPLICATE


class UnknownNameError(ValueError):
    """A rule names a service or an operation that no call has."""


def check(rules: tuple[Rule, ...]) -> None:
    """Look each name up in the models of AWS's SDK.

    Raises:
        UnknownNameError: There is no such service or operation.
    """
    session = botocore.session.Session()
    for position, rule in enumerate(rules):
        services = session.get_available_services()
        if rule.service not in services:
            raise UnknownNameError(_words(position, "service", rule.service, services))
        if rule.operation == ANY:
            continue
        model = session.get_service_model(rule.service)
        if (rule.service, rule.operation) == ("s3", REPLICATE):
            continue
        if rule.operation not in model.operation_names:
            what = f"operation of {rule.service}"
            raise UnknownNameError(_words(position, what, rule.operation, model.operation_names))
        if rule.service != "s3" and model.metadata["protocol"].startswith("rest"):
            raise UnknownNameError(
                f"Rule {position}: operations of {rule.service} are not told apart here; use {ANY} and a resource"
            )


def _words(position: int, what: str, name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ": use the name of AWS's API reference"
    return f"Rule {position}: there is no {what} called {name}{hint}"
