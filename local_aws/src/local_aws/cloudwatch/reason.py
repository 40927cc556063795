"""Why an alarm changed its state, in CloudWatch's words."""

from datetime import datetime

from local_aws.cloudwatch.evaluation import ALARM, INSUFFICIENT_DATA, OK, Outcome, Rule

_COMPARED = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
_FILLED_AS = {"breaching": "Breaching", "notBreaching": "NonBreaching", "ignore": "Ignored"}


def reason(rule: Rule, outcome: Outcome, *, out_of: bool) -> str:
    """The text of ``StateReason``.

    Args:
        rule: What was compared.
        outcome: With a state.
        out_of: Whether the alarm says how many datapoints have to breach.
    """
    if outcome.state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {_datapoints(rule.periods)} {_were(rule.periods)} unknown."
    head = f"Threshold Crossed: {_found(rule, outcome, out_of)}{_filled(rule, outcome)}"
    # Without real datapoints there is no transition to count towards.
    return f"{head}{_needed(rule, outcome) if out_of and outcome.evaluated else ''}."


def _found(rule: Rule, outcome: Outcome, out_of: bool) -> str:
    if not outcome.evaluated:
        return f"no datapoints were received for {rule.periods} period{_s(rule.periods)}"
    alarm = outcome.state == ALARM
    deciding = [p for p in outcome.evaluated if p.value is not None and rule.breaches(p.value) == alarm]
    shown = ", ".join(f"{p.value} ({_moment(p.start)})" for p in reversed(deciding or outcome.evaluated))
    count = len(deciding)
    counted = f"{count} out of the last {rule.periods} datapoints" if out_of else _datapoints(count)
    verb = _were(count) + ("" if alarm else " not")
    return f"{counted} [{shown}] {verb} {_COMPARED[rule.comparison]} the threshold ({rule.threshold})"


def _filled(rule: Rule, outcome: Outcome) -> str:
    as_what = _FILLED_AS.get(rule.missing)
    if not outcome.filled or as_what is None:
        return ""
    missing = f"{outcome.filled} missing datapoint{_s(outcome.filled)}"
    return f" and {missing} {_were(outcome.filled)} treated as [{as_what}]"


def _needed(rule: Rule, outcome: Outcome) -> str:
    alarm = outcome.state == ALARM
    least = rule.breaching_min if alarm else rule.periods - rule.breaching_min + 1
    way = f"{OK} -> {ALARM}" if alarm else f"{ALARM} -> {OK}"
    return f" (minimum {_datapoints(least)} for {way} transition)"


def _moment(start: datetime) -> str:
    return f"{start:%d/%m/%y %H:%M:%S}"


def _datapoints(count: int) -> str:
    return f"{count} datapoint{_s(count)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
