"""Failures of a command."""


class CommandError(Exception):
    """One sentence that says what is wrong and what to do next."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
