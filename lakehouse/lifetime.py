"""How long a run may live, and so how long what it may still read has to stay."""

from datetime import timedelta

from lakehouse.address import TABLE_LAYERS
from lakehouse.contract import Contract, ContractError, made_in
from lakehouse.operations.pools import domains

RUN_TIMEOUT = timedelta(hours=24)
"""Of a run that waits for nobody."""
_TO_LOOK_AT = timedelta(days=2)
"""For a person to look at what a red run left, and to clear it."""


def longest_run(domain: str) -> timedelta:
    """When a run of a domain's DAG is given up.

    It may wait for people besides: the layers follow one another, a layer's questions wait at once.
    """
    asking = ([c for c in made_in(domain, layer) if c.rules.onWarning == "ask"] for layer in TABLE_LAYERS)
    waits = (max((c.rules.onWarningTimeoutMinutes for c in layer), default=0) for layer in asking)
    return RUN_TIMEOUT + timedelta(minutes=sum(waits))


def stale_after() -> timedelta:
    """The age from which no run of any domain still needs a candidate; domains may share a bucket."""
    return max(map(longest_run, domains())) + _TO_LOOK_AT


def recovery_window(contract: Contract) -> timedelta:
    """For how long every version of a table can be read; raises ContractError where a run may live longer."""
    window = timedelta(days=contract.retention_days)
    if window <= (longest := longest_run(contract.address.domain)):
        raise ContractError(
            f"{contract.address} keeps versions for {window}, but a run that reads them may last {longest}: "
            "raise its retention"
        )
    return window
