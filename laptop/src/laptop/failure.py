"""Failures of the stack."""

from lakehouse.cli.failure import CommandError


class StackError(CommandError):
    """The stack cannot be started, reached or stopped: one sentence with the remedy."""
