"""The application in front of all services that lets calls go wrong."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from local_aws.athena.failing import failing_with
from local_aws.faults import admin, answers, connection
from local_aws.faults.calls import Call, call_of
from local_aws.faults.plan import Fault, Firing, Rule
from local_aws.faults.plane import FaultPlane
from local_aws.faults.queries import FAILURES
from local_aws.faults.victims import MESSAGES, Runs, maker_of, victim_of

LOG = logging.getLogger(__name__)
OWN_PATHS = ("/_local_aws/", "/moto-api/")
CHUNK_BYTES = 1 << 20

Application = Callable[..., Iterable[bytes]]


class WithFaults:
    """WSGI application that serves the admin path itself and hands on the rest, unless a rule is due."""

    def __init__(self, application: Application, runs: Runs) -> None:
        self.application, self.runs = application, runs
        self.plane = FaultPlane()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == admin.PATH:
            return admin.serve(self.plane, environ, start_response)
        if not self.plane.rules or path.startswith(OWN_PATHS):
            return self.application(environ, start_response)
        call = call_of(environ)
        maker = maker_of(call, self.runs)
        due = self.plane.decide(call, (maker.job_name, maker.run_id) if maker else None)
        if due is None:
            return self.application(environ, start_response)
        rule, firing = due
        LOG.info("Rule %d hits call %d: %s on %s %s", *_words(firing))
        return self._befall(rule, firing, call, environ, start_response)

    def _befall(
        self,
        rule: Rule,
        firing: Firing,
        call: Call,
        environ: dict[str, Any],
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        if problem := answers.problem_of(rule.fault, call):
            return _refuse(answers.answer(problem, call, environ["REQUEST_METHOD"]), environ, start_response)
        match rule.fault:
            case Fault.CONNECTION_RESET:
                raise connection.reset(environ)
            case Fault.LOST_REPLY:
                self._carry_out(environ)
                raise connection.reset(environ)
            case Fault.DELAY:
                self.plane.hold(rule.seconds or 0)
            case Fault.QUERY_FAILED | Fault.QUERY_TIMEOUT:
                with failing_with(FAILURES[rule.fault]):
                    return self.application(environ, start_response)
            case Fault.KILL_RUN:
                if rule.moment == "after":
                    self._carry_out(environ)
                if self._kill(rule, firing, call) or rule.moment == "after":
                    raise connection.reset(environ)
            case Fault.RUN_LOST:
                reply = self.application(environ, start_response)
                self._kill(rule, firing, call)
                return reply
        return self.application(environ, start_response)

    def _carry_out(self, environ: dict[str, Any]) -> None:
        """Let the call have its effect; nobody gets the reply."""
        reply = self.application(environ, lambda *_: lambda _: None)
        try:
            for _ in reply:
                pass
        finally:
            if close := getattr(reply, "close", None):
                close()

    def _kill(self, rule: Rule, firing: Firing, call: Call) -> bool:
        """Kill the run that the rule means; says whether there was one."""
        victim = victim_of(rule, call, self.runs)
        if victim is None:
            LOG.warning("Rule %d finds no Glue run to kill", firing.rule)
            return False
        firing.run_id = victim.run_id
        victim.lose(MESSAGES[rule.fault])
        return True


def _refuse(
    answer: answers.Answer, environ: dict[str, Any], start_response: Callable[..., Any]
) -> list[bytes]:
    """Send an error, after the body was read: a client that still sends would see a broken connection instead."""
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left > 0 and (chunk := environ["wsgi.input"].read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
    start_response(answer.status, answer.headers)
    return [answer.body]


def _words(firing: Firing) -> tuple[int, int, str, str, str]:
    return firing.rule, firing.ordinal, firing.fault.value, firing.service, firing.operation
