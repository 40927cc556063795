"""Set the project up with nothing but Python, make and Java: ``python3 -m scripts.bootstrap``.

Runs before any environment exists, on whatever Python 3 the machine has: standard library only.
"""

import sys

if sys.version_info < (3, 8):  # noqa: UP036 - to say so is the point
    sys.exit(
        "Setup needs Python 3.8 or newer to start from, and this is Python {}.{}. Name another one: "
        "make setup PYTHON=/path/to/python3".format(*sys.version_info[:2])
    )

from scripts.bootstrap.commands import main  # the check above must come before newer syntax is read

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
