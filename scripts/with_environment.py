"""Run a command with variables added to its environment, from a JSON object on standard input."""

import json
import os
import sys


def main(command: list[str]) -> None:
    """Become the command; raises ValueError for anything but an object of texts."""
    variables = json.load(sys.stdin)
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise ValueError("standard input must be a JSON object of variables and their texts")
    os.execvpe(command[0], command, {**os.environ, **variables})  # noqa: S606 - a command of the Makefile


if __name__ == "__main__":
    main(sys.argv[1:])
