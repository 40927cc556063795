"""Failures that say in a `summary`, fit for a notification, what broke: rules and runs, never values of the data."""

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from orchestration.runbooks import Runbook


class StepFailedError(AirflowException):
    """A Glue run that did not succeed; may be retried."""

    def __init__(self, message: str, *, summary: str) -> None:
        super().__init__(message)
        self.summary = summary


class VerdictError(AirflowFailException):
    """Data that broke a rule; a retry would find the same."""

    def __init__(self, message: str, *, summary: str, runbook: Runbook) -> None:
        super().__init__(message)
        self.summary = summary
        self.runbook = runbook
