"""Pages of a list, the way Athena's calls ask for them."""

from collections.abc import Sequence
from typing import Any

from local_aws.athena.errors import RequestRefusedError


def limit(requested: Any, most: int) -> int:
    """Entries of a page.

    Raises:
        RequestRefusedError: More than the call allows, or none.
    """
    if requested is None:
        return most
    if requested < 1:
        raise RequestRefusedError(
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        )
    if requested > most:
        raise RequestRefusedError(f"MaxResults is more than maximum allowed length {most}")
    return int(requested)


def page[Item](items: Sequence[Item], token: str | None, size: int) -> tuple[Sequence[Item], dict[str, str]]:
    """Entries of a page, and the reply's NextToken if more follow.

    Raises:
        RequestRefusedError: The token is not one of ours.
    """
    if token is not None and not token.isdecimal():
        raise RequestRefusedError(f"The nextPageToken is malformed: {token}")
    start = int(token or 0)
    following = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], following
